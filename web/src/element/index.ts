/** The one file for a plain page: the global `EyeSession` with all of the library. */

export * from "../lib/index.js";
export { pageVisibility } from "./visibility.js";
