import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { typescriptOf } from "../../scripts/typescript.mjs";
import { serverShapes } from "../../src/lib/messages.gen.js";
import { decode, encode } from "../../src/lib/messages.js";

const root = resolve(import.meta.dirname, "../../..");
const folder = resolve(root, "tests/data/messages");

interface Fixture {
  readonly file: string;
  readonly text: string;
  readonly message: Record<string, unknown> & { type: string };
}

const fixtures: Fixture[] = readdirSync(folder).map((file) => {
  const text = readFileSync(resolve(folder, file), "utf8");
  return { file, text, message: JSON.parse(text) };
});
const fromServer = fixtures.filter(({ message }) => message.type in serverShapes);
const fromClient = fixtures.filter(({ message }) => !(message.type in serverShapes));

/** What came after the first release of `v: 1`. */
const LATER: ReadonlySet<string> = new Set(["gaze_directions"]);

test("messages of a service that is older than the page are understood", () => {
  const [metrics, summary] = ["metrics", "summary"].map((type) => {
    const found = fromServer.find(({ message }) => message.type === type);
    return structuredClone(found?.message) as Record<string, Record<string, unknown>>;
  });
  delete metrics?.["quality"]?.["lids"];
  delete metrics?.["quality"]?.["gaze"];
  delete summary?.["gaze_directions"];
  expect(decode(JSON.stringify(metrics))).toEqual(metrics);
  expect(decode(JSON.stringify(summary))).toEqual(summary);
});

test("every message of the service has a fixture", () => {
  const types = new Set(fromServer.map(({ message }) => message.type));
  expect([...types].sort()).toEqual(Object.keys(serverShapes).sort());
});

describe.each(fromServer)("$file", ({ text, message }) => {
  test("is understood", () => {
    expect(decode(text)).toEqual(message);
  });

  test("is understood with a field that a newer service adds", () => {
    expect(decode(JSON.stringify({ ...message, later: true }))).toMatchObject(message);
  });

  test.each(Object.keys(message).filter((key) => !LATER.has(key)))(
    "is dropped without %s",
    (key) => {
      const { [key]: _, ...rest } = message;
      expect(decode(JSON.stringify(rest))).toBeNull();
    },
  );

  test.each(Object.keys(message))("is dropped with a wrong %s", (key) => {
    expect(decode(JSON.stringify({ ...message, [key]: { wrong: [true] } }))).toBeNull();
  });

  test("is dropped in another version", () => {
    expect(decode(JSON.stringify({ ...message, v: 2 }))).toBeNull();
  });
});

test.each([
  "",
  "{",
  "null",
  "[]",
  "42",
  '{"v":1}',
  '{"v":1,"type":"later"}',
  '{"v":1,"type":"toString"}',
])("%j is dropped", (text) => {
  expect(decode(text)).toBeNull();
});

test("what is no text is dropped", () => {
  expect(decode(new ArrayBuffer(8))).toBeNull();
});

test("a client's messages go out as the fixtures have them", () => {
  const { v: _, ...ping } = JSON.parse(encode({ type: "ping", t: 84211.300000012 }));
  const sent = [
    encode({
      type: "attach",
      user_id: "7",
      module_id: "3",
      section_id: "2",
      session_id: null,
      resume_token: null,
      token: null,
    }),
    encode({ type: "consent", version: "2026-11" }),
    encode({ type: "ping", t: ping.t }),
    encode({ type: "visibility", state: "hidden" }),
    encode({ type: "pause" }),
    encode({ type: "resume" }),
    encode({ type: "calibrate" }),
    encode({ type: "calibrate", point: { x: 0.5, y: 0.1 } }),
    encode({ type: "bye" }),
  ].map((text) => JSON.parse(text));
  expect(sent).toEqual(expect.arrayContaining(fromClient.map(({ message }) => message)));
  expect(sent).toHaveLength(fromClient.length);
});

test("the committed types are those of the committed schema (else: npm run types)", () => {
  const schema = JSON.parse(
    readFileSync(resolve(root, "docs/schema/messages.schema.json"), "utf8"),
  );
  const committed = readFileSync(
    resolve(import.meta.dirname, "../../src/lib/messages.gen.ts"),
    "utf8",
  );
  expect(typescriptOf(schema)).toBe(committed);
});
