/** What the dashboard says, in the teacher's language. */

import { Wording } from "../wording.js";
import { de } from "./de.js";
import { type DashboardKey, en } from "./en.js";

export type DashboardWording = Wording<DashboardKey>;

export function dashboardWording(wanted: readonly string[]): DashboardWording {
  return Wording.from<DashboardKey>({ en, de }, wanted);
}
