import { expect, test } from "vitest";
import { de } from "../../src/texts/de.js";
import { en, type TextKey } from "../../src/texts/en.js";
import { Wording } from "../../src/texts/wording.js";

const KEYS = Object.keys(en) as TextKey[];

function places(text: string): string[] {
  return (text.match(/\{\w+\}/g) ?? []).sort();
}

test.each(KEYS)("%s says something in every language, with the same values", (key) => {
  expect(en[key].trim()).not.toBe("");
  expect(de[key].trim()).not.toBe("");
  expect(places(de[key])).toEqual(places(en[key]));
});

test("the first language that there is a file for is taken", () => {
  expect(Wording.of(["fr-CA", "de-AT", "en"]).language).toBe("de");
  expect(Wording.of(["fr"]).language).toBe("en");
  expect(Wording.of([]).language).toBe("en");
  expect(Wording.of(["toString"]).language).toBe("en");
});

test("durations are said as people say them", () => {
  const wording = Wording.of(["en"]);
  expect(wording.duration(0.4)).toBe("0\u00a0s");
  expect(wording.duration(59.6)).toBe("1\u00a0min 0\u00a0s");
  expect(wording.duration(185)).toBe("3\u00a0min 5\u00a0s");
});

test("numbers follow the language", () => {
  expect(Wording.of(["de"]).number(13.44, 1)).toBe("13,4");
  expect(Wording.of(["en"]).percent(84.32)).toBe("84%");
});

test("a cause that is not known here is shown as it came", () => {
  const wording = Wording.of(["en"]);
  expect(wording.sayIfKnown("cause.no_face", "no_face")).toBe("no face in view");
  expect(wording.sayIfKnown("cause.later", "later")).toBe("later");
});
