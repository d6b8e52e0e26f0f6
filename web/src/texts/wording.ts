/** What the pages say, in the student's language. */

import { de } from "./de.js";
import { en, type TextKey } from "./en.js";

/** What a page says, by language; English is always there. */
export type Languages<Key extends string> = Readonly<
  Record<"en", Readonly<Record<Key, string>>> & Record<string, Readonly<Record<Key, string>>>
>;

const LANGUAGES: Languages<TextKey> = { en, de };

export class Wording<Key extends string = TextKey> {
  private constructor(
    readonly language: string,
    private readonly texts: Readonly<Record<Key, string>>,
  ) {}

  /** The first of the `wanted` languages that there is a file for, else English. */
  static of(wanted: readonly string[]): Wording {
    return Wording.from(LANGUAGES, wanted);
  }

  /** The same for a page with texts of its own. */
  static from<Key extends string>(
    languages: Languages<Key>,
    wanted: readonly string[],
  ): Wording<Key> {
    const short = wanted.map((tag) => tag.toLowerCase().split("-")[0] ?? "");
    const language = short.find((tag) => Object.hasOwn(languages, tag)) ?? "en";
    return new Wording(language, languages[language] ?? languages.en);
  }

  /** The text, with `{name}` replaced by the values. */
  say(key: Key, values: Readonly<Record<string, string | number>> = {}): string {
    return this.texts[key].replace(/\{(\w+)\}/g, (whole, name: string) =>
      String(values[name] ?? whole),
    );
  }

  /** The text of a key that came over the network, or the fallback where there is none. */
  sayIfKnown(key: string, fallback: string): string {
    return Object.hasOwn(this.texts, key) ? this.say(key as Key) : fallback;
  }

  /** A duration as people say it: `42 s`, `3 min 5 s`. */
  duration(seconds: number): string {
    const whole = Math.round(seconds);
    const rest = { m: Math.floor(whole / 60), s: whole % 60 };
    return this.say((whole < 60 ? "time.seconds" : "time.minutes") as Key, rest);
  }

  number(value: number, digits = 0): string {
    const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return value.toLocaleString(this.language, format);
  }

  percent(value: number): string {
    return (value / 100).toLocaleString(this.language, { style: "percent" });
  }

  /** Fills every `data-text` element under `root`. */
  fill(root: Document): void {
    root.documentElement.lang = this.language;
    for (const place of root.querySelectorAll<HTMLElement>("[data-text]")) {
      place.textContent = this.say(place.dataset["text"] as Key);
    }
  }
}
