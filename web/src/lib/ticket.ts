/** `attach` and what answers it: WHIP's headers, as messages. */

import { EyeError } from "./errors.js";
import type { AttachedMessage } from "./messages.gen.js";
import type { OpenRequest } from "./transport.js";
import type { Ticket } from "./whip.js";

/**
 * Begins a session for the request's ids, or goes on with the one of its ticket. `token`: the
 * page's, where it cannot go into a header.
 */
export function attachOf({ ids, ticket }: Pick<OpenRequest, "ids" | "ticket">, token?: string) {
  if (ticket) return { type: "attach" as const, ...resumeOf(ticket) };
  const { userId = null, moduleId = null, sectionId = null } = ids;
  return {
    type: "attach" as const,
    user_id: userId,
    module_id: moduleId,
    section_id: sectionId,
    ...(token === undefined ? {} : { token }),
  };
}

function resumeOf({ sessionId, resumeToken }: Ticket) {
  return { session_id: sessionId, resume_token: resumeToken };
}

export function ticketOf(attached: AttachedMessage, serviceUrl: string): Ticket {
  const { session_id, resume_token, resource } = attached;
  if (!session_id || !resume_token || !resource) throw new EyeError("service_failed");
  const base = serviceUrl.replace(/\/*$/, "/");
  return {
    sessionId: session_id,
    resumeToken: resume_token,
    resource: new URL(resource, base).href,
  };
}
