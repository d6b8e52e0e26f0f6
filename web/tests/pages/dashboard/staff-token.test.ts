import { expect, test } from "vitest";
import { linkTo, routeOf } from "../../../src/pages/dashboard/route.js";
import { StaffToken } from "../../../src/pages/dashboard/staff-token.js";

function storage() {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  };
}

test("a token is taken out of the fragment, and what else was there stays", () => {
  const token = new StaffToken(storage());
  expect(token.takeFrom("#token=a.b-c_d&session=1")).toBe("#session=1");
  expect(token.value).toBe("a.b-c_d");
  expect(token.takeFrom("#token=e")).toBe("");
  expect(token.value).toBe("e");
  expect(token.takeFrom("#sessions")).toBe("#sessions");
  token.forget();
  expect(token.value).toBeUndefined();
});

test("a link leads back to its session, whatever its id", () => {
  expect(routeOf(linkTo("a&b=c/d"))).toEqual({ view: "session", id: "a&b=c/d" });
  expect(routeOf("#sessions")).toEqual({ view: "sessions" });
  expect(routeOf("#live")).toEqual({ view: "live" });
  expect(routeOf("")).toEqual({ view: "live" });
});
