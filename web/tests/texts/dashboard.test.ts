import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { de } from "../../src/texts/dashboard/de.js";
import { type DashboardKey, en, own } from "../../src/texts/dashboard/en.js";
import { dashboardWording } from "../../src/texts/dashboard/wording.js";

const KEYS = Object.keys(own) as DashboardKey[];
const PAGES = resolve(import.meta.dirname, "../../src/pages");

function places(text: string): string[] {
  return (text.match(/\{\w+\}/g) ?? []).sort();
}

test.each(KEYS)("%s says something in every language, with the same values", (key) => {
  expect(en[key].trim()).not.toBe("");
  expect(de[key].trim()).not.toBe("");
  expect(places(de[key])).toEqual(places(en[key]));
});

test("every text that the page names is there", () => {
  const html = readFileSync(resolve(PAGES, "dashboard.html"), "utf8");
  const named = [...html.matchAll(/data-text="([^"]+)"/g)].map(([, key]) => key);
  expect(named.filter((key) => !Object.hasOwn(en, key ?? ""))).toEqual([]);
});

test("nothing is kept in the language files that nobody says", () => {
  const folder = resolve(PAGES, "dashboard");
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(resolve(folder, name), "utf8"));
  const all = [readFileSync(resolve(PAGES, "dashboard.html"), "utf8"), ...sources].join("\n");
  const prefixes = [...all.matchAll(/`([a-z.]+\.)\$\{/g)].map(([, prefix]) => prefix ?? "");
  const unsaid = KEYS.filter(
    (key) => !all.includes(`"${key}"`) && !prefixes.some((prefix) => key.startsWith(prefix)),
  );
  expect(unsaid).toEqual([]);
});

test("the dashboard says what all pages say, in its own words where it has some", () => {
  expect(dashboardWording(["de"]).say("account.focused")).toBe("Zum Bildschirm gewandt");
  expect(dashboardWording(["en"]).say("cause.calibrating")).toBe("calibration");
});
