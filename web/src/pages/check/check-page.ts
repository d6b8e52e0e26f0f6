/** Shows the connection test as it runs, and what came of it. */

import type { Rung } from "../../lib/state.js";
import type { TextKey } from "../../texts/en.js";
import type { Wording } from "../../texts/wording.js";
import { element } from "../shared/page.js";
import type { ConnectionTest } from "./connection-test.js";
import { bestRung, type Outcome, type Report, RUNGS, verdictOf } from "./report.js";

type Line = Rung | "camera" | "signaling";

const UNTRIED: Outcome = { result: "fails", reason: "aborted" };

export class CheckPage {
  readonly #start = element("start", HTMLButtonElement);
  readonly #list = element("results", HTMLElement);

  constructor(
    private readonly begin: () => ConnectionTest,
    private readonly serviceUrl: string,
    private readonly wording: Wording,
  ) {
    this.#start.addEventListener("click", () => void this.#run());
    element("copy", HTMLButtonElement).addEventListener("click", () => void this.#copy());
  }

  async #run(): Promise<void> {
    this.#start.disabled = true;
    element("verdict", HTMLElement).hidden = true;
    this.#list.replaceChildren(...(["camera", "signaling", ...RUNGS] as const).map(row));
    this.#list.hidden = false;
    const report = await this.#report(this.begin(), new AbortController().signal);
    this.#conclude(report);
    this.#start.disabled = false;
    this.#start.textContent = this.wording.say("check.again");
  }

  async #report(test: ConnectionTest, signal: AbortSignal): Promise<Report> {
    const say = (line: Line, outcome: Outcome | null) => this.#show(line, outcome);
    for (const line of ["camera", "signaling", ...RUNGS] as const) this.#wait(line);
    say("camera", null);
    const camera = await test.camera(signal);
    say("camera", camera);
    say("signaling", null);
    const signaling = await test.signaling(signal);
    say("signaling", signaling);
    const rungs = Object.fromEntries(RUNGS.map((rung) => [rung, UNTRIED])) as Record<Rung, Outcome>;
    await test.rungs((rung, outcome) => {
      say(rung, outcome);
      if (outcome) rungs[rung] = outcome;
    }, signal);
    const browser = navigator.userAgent;
    return {
      checkedAt: new Date().toISOString(),
      service: this.serviceUrl,
      browser,
      camera,
      signaling,
      rungs,
    };
  }

  #wait(line: Line): void {
    this.#put(line, "waiting", this.wording.say("check.waiting"));
  }

  #show(line: Line, outcome: Outcome | null): void {
    if (outcome === null) this.#put(line, "running", this.wording.say("check.running"));
    else this.#put(line, outcome.result, this.#words(outcome));
  }

  #put(line: Line, result: string, text: string): void {
    const place = element(`r-${line}`, HTMLElement);
    place.dataset["result"] = result;
    const [name, words] = place.children;
    if (name) name.textContent = this.wording.say(nameOf(line));
    if (words) words.textContent = text;
  }

  #words(outcome: Outcome): string {
    if (outcome.result === "absent") return this.wording.say("check.absent");
    if (outcome.result === "fails") return this.wording.say(`error.${outcome.reason}`);
    const { connectMs, roundTripMs } = outcome;
    const values = { connect: this.wording.number(connectMs / 1000, 2) };
    if (roundTripMs === null) return this.wording.say("check.connected", values);
    const trip = this.wording.number(roundTripMs, roundTripMs < 10 ? 1 : 0);
    return this.wording.say("check.connectedTrip", { ...values, trip });
  }

  #conclude(report: Report): void {
    const sentence = this.#sentence(report);
    element("sentence", HTMLElement).textContent = sentence;
    const whole = { verdict: sentence, best: bestRung(report), ...report };
    element("json", HTMLElement).textContent = JSON.stringify(whole, null, 2);
    const section = element("verdict", HTMLElement);
    section.dataset["verdict"] = verdictOf(report).split(".").at(-1) ?? "";
    section.hidden = false;
    element("verdict-title", HTMLElement).focus();
  }

  #sentence(report: Report): string {
    const best = bestRung(report);
    const outcome = best === null ? null : report.rungs[best];
    const { camera, signaling } = report;
    const blamed = signaling.result === "fails" ? signaling : camera;
    return this.wording.say(verdictOf(report), {
      way: best === null ? "" : this.wording.say(`way.${best}`),
      details: outcome === null ? "" : this.#words(outcome),
      why: this.#words(blamed),
      time: new Date(report.checkedAt).toLocaleString(this.wording.language),
    });
  }

  async #copy(): Promise<void> {
    const json = element("json", HTMLElement).textContent ?? "";
    const said = element("copied", HTMLElement);
    try {
      await navigator.clipboard.writeText(json);
      said.textContent = this.wording.say("check.copied");
    } catch {
      said.textContent = this.wording.say("check.copyYourself");
    }
  }
}

function row(line: Line): HTMLElement {
  const item = document.createElement("li");
  item.id = `r-${line}`;
  item.append(named("span", "name"), named("span", "words"));
  return item;
}

function named(tag: "span", className: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}

function nameOf(line: Line): TextKey {
  return line === "camera" || line === "signaling" ? `check.${line}` : `way.${line}`;
}
