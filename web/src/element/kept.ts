/** How long the service keeps a session's numbers: part of what a student agrees to. */

import type { Wording } from "../texts/wording.js";

/** The sentence that says so; without a number where the service does not tell one. */
export async function keptSentence(serviceUrl: string, wording: Wording): Promise<string> {
  const days = await retentionDays(serviceUrl);
  if (days === null) return wording.say("consent.deletedSometime");
  return wording.say("consent.deleted", { days: wording.number(Math.ceil(days)) });
}

async function retentionDays(serviceUrl: string): Promise<number | null> {
  try {
    const response = await fetch(`${serviceUrl.replace(/\/$/, "")}/api/privacy`);
    const told = response.ok ? ((await response.json()) as { retention_days?: unknown }) : {};
    return typeof told.retention_days === "number" ? told.retention_days : null;
  } catch {
    return null; // the student is told so once the session is to start
  }
}
