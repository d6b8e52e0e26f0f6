import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fetchToken } from "../../src/element/site-token.js";
import { Bearer } from "../../src/lib/bearer.js";
import { ScriptedService } from "../fakes/service.js";

const URL = "https://site.example.org/token";
const TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.c2lnbmF0dXJl";
const LOGIN = "<!doctype html><html><form action=/login>Sign in</form></html>";

beforeEach(() => vi.stubGlobal("fetch", undefined));
afterEach(() => vi.unstubAllGlobals());

const answering = (response: Response): ScriptedService => {
  const site = new ScriptedService(response);
  vi.stubGlobal("fetch", vi.fn(site.fetch));
  return site;
};
const body = (text: string, status = 200) => new Response(text, { status });
/** What `fetch` gives for a redirect that it was told not to follow. */
const redirect = () =>
  Object.defineProperty(new Response(null), "type", { value: "opaqueredirect" });

test.each([
  ["an object", JSON.stringify({ token: TOKEN })],
  ["a JSON text", JSON.stringify(TOKEN)],
  ["plain text", `${TOKEN}\n`],
  ["an object after a byte order mark", `\ufeff${JSON.stringify({ token: TOKEN })}`],
])("a token is taken out of %s", async (_, text) => {
  const site = answering(body(text));
  expect(await fetchToken(URL)).toBe(TOKEN);
  expect(site.asked[0]?.headers.get("Accept")).toContain("application/json");
  expect(vi.mocked(fetch).mock.calls[0]?.[1]).toMatchObject({ redirect: "manual" });
});

test.each([
  ["a redirect", redirect],
  ["the login page", () => body(LOGIN)],
  ["a PHP warning before the JSON", () => body(`<br />Warning<br />{"token":"${TOKEN}"}`)],
  ["another JSON", () => body('{"message":"Unauthenticated."}')],
  ["null", () => body('{"token":null}')],
  ["JSON of nothing", () => body("null")],
  ["nothing", () => body("")],
  ["a word", () => body("undefined")],
  ["401", () => body("{}", 401)],
  ["419", () => body(LOGIN, 419)],
])("%s says that the sign-in has expired", async (_, response) => {
  answering(response());
  await expect(fetchToken(URL)).rejects.toMatchObject({ reason: "token_expired" });
});

test.each([
  [500, "service_failed"],
  [503, "service_failed"],
  [404, "token_refused"],
])("%i is not taken for a network that is away", async (status, reason) => {
  answering(body("oops", status));
  await expect(fetchToken(URL)).rejects.toMatchObject({ reason });
});

test.each(["undefined", "null", LOGIN, '{"token":"x"}', "two words"])(
  "%j of a page's own function is never sent",
  async (text) => {
    const service = new ScriptedService();
    const bearer = new Bearer(service.fetch, () => text);
    await expect(bearer.send(URL, {})).rejects.toMatchObject({ reason: "token_expired" });
    expect(service.asked).toEqual([]);
  },
);
