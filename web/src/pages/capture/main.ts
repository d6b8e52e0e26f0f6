/** The capture page: consent, session, summary. */

import type { PageGlobals } from "../../element/page-globals.js";
import { Wording } from "../../texts/wording.js";
import { addressOf } from "../shared/address.js";
import { CapturePage } from "./capture-page.js";

const address = addressOf({
  search: location.search,
  page: location.href,
  globals: window as PageGlobals,
  builtFor: import.meta.env["VITE_PYTHON_SERVICE_URL"],
});
const wording = Wording.of([...address.languages, ...navigator.languages]);
const maxFps = Number(import.meta.env["VITE_MAX_CAPTURE_FPS"]) || undefined;

wording.fill(document);
new CapturePage(address, wording, maxFps);
