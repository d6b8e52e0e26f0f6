/** One dot for ten seconds: so the service learns how someone usually sits and looks. */

import type { EyeSession } from "../../lib/index.js";
import type { GazeDialog } from "./gaze-dialog.js";

const SECONDS = 10;
const READ_MS = 2_500;
const MIDDLE = { x: 0.5, y: 0.5 };

export async function showNeutralPose(
  session: EyeSession,
  dialog: GazeDialog,
  help: string,
): Promise<void> {
  await dialog.show(help, READ_MS, async () => {
    if (dialog.over) return;
    session.calibrate();
    dialog.put(MIDDLE);
    for (let left = SECONDS; left > 0 && !dialog.over; left -= 1) {
      dialog.count(left);
      await dialog.pause(1_000);
    }
  });
}
