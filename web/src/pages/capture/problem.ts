/** What went wrong, in words a student can act on. */

import type { EyeError, EyeErrorReason } from "../../lib/index.js";
import type { TextKey } from "../../texts/en.js";
import type { Wording } from "../../texts/wording.js";
import { element } from "../shared/page.js";

/** The connection test tells more of these. */
const ON_THE_WAY: ReadonlySet<EyeErrorReason> = new Set(["unreachable", "connection_failed"]);

export class Problem {
  constructor(
    private readonly wording: Wording,
    serviceUrl: string,
  ) {
    element("check-link", HTMLAnchorElement).href = `${serviceUrl}/check`;
  }

  show({ reason, code, detail }: EyeError): void {
    const technical = [code, detail].filter((part) => part !== undefined).join(": ");
    this.#show(`error.${reason}`, `error.${reason}.help`, technical);
    element("problem", HTMLElement).dataset["reason"] = reason;
    element("problem-check", HTMLElement).hidden = !ON_THE_WAY.has(reason);
  }

  /** The page was opened without saying for whom. */
  showMissingIds(): void {
    this.#show("error.ids", "error.ids.help", "");
    element("problem", HTMLElement).dataset["reason"] = "ids";
  }

  hide(): void {
    element("problem", HTMLElement).hidden = true;
  }

  #show(title: TextKey, help: TextKey, technical: string): void {
    element("problem-title", HTMLElement).textContent = this.wording.say(title);
    element("problem-help", HTMLElement).textContent = this.wording.say(help);
    const detail = element("problem-detail", HTMLElement);
    detail.textContent = technical;
    detail.hidden = technical === "";
    element("problem", HTMLElement).hidden = false;
  }
}
