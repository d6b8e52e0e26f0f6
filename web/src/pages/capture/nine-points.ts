/** Nine dots to look at, one after the other: so the service learns where on the screen someone looks. */

import type { EyeSession } from "../../lib/index.js";
import { element } from "../shared/page.js";
import type { GazeDialog } from "./gaze-dialog.js";
import { type Place, POINTS, shareOfScreen } from "./screen-share.js";

const READ_MS = 2_500;
/** Eyes need about half a second to find the dot and come to rest. */
const FIND_MS = 900;
/** The service takes one second of looking. */
const LOOK_MS = 1_100;

export async function showNinePoints(
  session: EyeSession,
  dialog: GazeDialog,
  help: string,
): Promise<void> {
  const { checked: keep } = element("nine-keep", HTMLInputElement);
  await dialog.show(help, READ_MS, async () => {
    for (const place of POINTS) await showPoint(session, dialog, place, keep);
  });
}

async function showPoint(
  session: EyeSession,
  dialog: GazeDialog,
  place: Place,
  keep: boolean,
): Promise<void> {
  if (dialog.over) return;
  dialog.put(place);
  await dialog.pause(FIND_MS);
  if (dialog.over) return;
  session.calibrate(shareOfScreen(place, window), { keep });
  await dialog.pause(LOOK_MS);
}
