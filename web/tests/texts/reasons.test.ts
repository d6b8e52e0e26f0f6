import { expect, test } from "vitest";
import { KINDS } from "../../src/lib/errors.js";
import { de } from "../../src/texts/de.js";
import { en } from "../../src/texts/en.js";

test.each(Object.keys(KINDS))("%s is explained, with what to do about it", (reason) => {
  for (const texts of [en, de]) {
    expect(texts).toHaveProperty([`error.${reason}`]);
    expect(texts).toHaveProperty([`error.${reason}.help`]);
  }
});
