import type { VisibilitySource } from "../lib/index.js";

/** Whether the student can see this page, as `document` says. */
export const pageVisibility: VisibilitySource = {
  get state() {
    return document.visibilityState === "hidden" ? "hidden" : "visible";
  },
  subscribe(listener, signal) {
    document.addEventListener("visibilitychange", listener, { signal });
  },
};
