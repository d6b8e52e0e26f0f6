import { describe, expect, it } from "vitest";
import { curlOf } from "../../src/pages/docs/curl.js";
import { accessOf, type Entry, entriesByTag, wordsOf } from "../../src/pages/docs/openapi.js";
import { modelsIn, typeWords } from "../../src/pages/docs/schema.js";

const ENTRY: Entry = {
  method: "PATCH",
  path: "/whip/{resource}",
  operation: {
    operationId: "patch-whip-resource",
    tags: ["whip"],
    summary: "Take candidates",
    description: "",
    parameters: [],
    requestBody: { content: { "application/trickle-ice-sdpfrag": { schema: { type: "string" } } } },
    responses: {
      204: { description: "No Content" },
      412: { description: "`precondition_failed`" },
    },
    security: [{ sessionToken: [] }],
  },
};

const REF = { $ref: "#/components/schemas/Hello" };

describe("types in words", () => {
  it.each([
    [{ type: "integer", minimum: 1, maximum: 500 }, "integer, 1 to 500"],
    [{ type: "string", maxLength: 64 }, "string, at most 64 characters"],
    [{ type: "number", minimum: 0 }, "number, at least 0"],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, "string or null"],
    [{ enum: ["a", "b"] }, '"a" or "b"'],
    [{ const: 1 }, "1"],
    [{ type: "array", prefixItems: [{ type: "number" }, { type: "number" }] }, "[number, number]"],
    [{ type: "array" }, "array"],
    [{ type: "object", additionalProperties: { type: "number" } }, "object of number"],
    [{}, "any JSON"],
  ])("%j is %s", (schema, words) => {
    expect(typeWords(schema).join("")).toBe(words);
  });

  it("names the models", () => {
    expect(typeWords({ type: "array", items: REF })).toEqual(["array of ", { model: "Hello" }]);
    expect(modelsIn({ oneOf: [REF, { type: "null" }] })).toEqual(["Hello"]);
  });
});

describe("an operation", () => {
  it("is found by status, code and path", () => {
    for (const word of ["412", "precondition_failed", "/whip/{resource}", "patch"]) {
      expect(wordsOf(ENTRY)).toContain(word);
    }
  });

  it("is grouped by its tag", () => {
    const paths = { [ENTRY.path]: { patch: ENTRY.operation } };
    const info = { title: "", description: "", version: "" };
    const grouped = entriesByTag({ info, servers: [], paths, components: { schemas: {} } });
    expect([...grouped]).toEqual([["whip", [ENTRY]]]);
  });

  it("says which token it needs", () => {
    const access = (...security: Record<string, string[]>[]) =>
      accessOf({ ...ENTRY.operation, security });
    expect(accessOf(ENTRY.operation)).toBe("Needs a session token");
    expect(access({ sessionToken: [] }, { staffToken: [] })).toBe(
      "Needs a session token or staff token",
    );
    expect(access({ staffToken: [] }, {})).toBe("Optional here: staff token");
    expect(access()).toBe("No token");
  });

  it("is a command to try", () => {
    expect(curlOf(ENTRY, "https://eyes.example.org")).toBe(
      'curl -X PATCH -H "Authorization: Bearer $TOKEN" ' +
        '-H "Content-Type: application/trickle-ice-sdpfrag" --data-binary @body ' +
        '"https://eyes.example.org/whip/$RESOURCE"',
    );
  });
});
