import { expect, test } from "vitest";
import { addressOf } from "../../src/pages/shared/address.js";

const HERE = { search: "", page: "https://lms.example.org/", globals: {}, builtFor: undefined };

test("ids come from the query", () => {
  const address = addressOf({ ...HERE, search: "?user_id=7&module_id=3&section_id=2" });
  expect(address).toMatchObject({ userId: "7", moduleId: "3", sectionId: "2", token: undefined });
});

test("or from the globals of an old page", () => {
  const globals = { currentUserId: 7, currentModuleId: "3", currentSectionId: null };
  expect(addressOf({ ...HERE, globals })).toMatchObject({
    userId: "7",
    moduleId: "3",
    sectionId: undefined,
  });
});

test("the query wins over the globals, an empty one does not", () => {
  const globals = { currentUserId: 7, currentModuleId: 3 };
  const address = addressOf({ ...HERE, search: "?user_id=8&module_id=", globals });
  expect(address).toMatchObject({ userId: "8", moduleId: "3" });
});

test("the service is the query's, else the build's, else where the page is from", () => {
  const builtFor = "https://eyes.example.org/";
  expect(addressOf(HERE).serviceUrl).toBe("https://lms.example.org");
  expect(addressOf({ ...HERE, builtFor }).serviceUrl).toBe("https://eyes.example.org");
  const search = "?service=http%3A%2F%2F127.0.0.1%3A8080%2F";
  expect(addressOf({ ...HERE, builtFor, search }).serviceUrl).toBe("http://127.0.0.1:8080");
});

test.each([
  ["https://lms.example.org/eyes/", "https://lms.example.org/eyes"],
  ["https://lms.example.org/eyes/check?lang=de#top", "https://lms.example.org/eyes"],
  ["https://eyes.example.org/dashboard", "https://eyes.example.org"],
])("the page %s is from the service %s", (page, service) => {
  expect(addressOf({ ...HERE, page }).serviceUrl).toBe(service);
});

test.each(["javascript:alert(1)", "data:text/html,x", "http://"])("%s is no service", (service) => {
  const search = `?service=${encodeURIComponent(service)}`;
  expect(addressOf({ ...HERE, search }).serviceUrl).toBe("https://lms.example.org");
});

test("a service may be a path of this origin", () => {
  expect(addressOf({ ...HERE, search: "?service=/eyes/" }).serviceUrl).toBe(
    "https://lms.example.org/eyes",
  );
});
