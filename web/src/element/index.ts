/** The one file for a plain page: the element, and the global `EyeSession` with the library. */

import { EyeSessionElement } from "./eye-session-element.js";

export * from "../lib/index.js";
export { EyeSessionElement } from "./eye-session-element.js";
export { pageVisibility } from "./visibility.js";

if (!customElements.get("eye-session")) customElements.define("eye-session", EyeSessionElement);
