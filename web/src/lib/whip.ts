/** The HTTP side of a connection: WHIP (RFC 9725), and what the service adds to it. */

import type { Bearer } from "./bearer.js";
import { EyeError } from "./errors.js";
import { iceServersOf } from "./ice.js";
import type { SummaryMessage } from "./messages.gen.js";
import { decode } from "./messages.js";
import { within } from "./waiting.js";

const ANSWER_WITHIN_MS = 15_000;
const ICE_SERVERS_WITHIN_MS = 3_000;
const RELEASE_WITHIN_MS = 3_000;

/** Who and what is measured; with a token these come from it. */
export interface Ids {
  readonly userId?: string | number | undefined;
  readonly moduleId?: string | number | undefined;
  readonly sectionId?: string | number | undefined;
}

/** What lets another connection go on with the same session. */
export interface Ticket {
  readonly sessionId: string;
  readonly resumeToken: string;
  /** The absolute URL that stands for this connection. */
  readonly resource: string;
}

export interface Admission {
  readonly answer: string;
  readonly ticket: Ticket;
}

export class WhipClient {
  constructor(
    private readonly serviceUrl: string,
    private readonly bearer: Bearer,
  ) {}

  /** ICE servers for the next peer; none when the service does not say in time. */
  async iceServers(signal: AbortSignal): Promise<RTCIceServer[]> {
    try {
      return await within(ICE_SERVERS_WITHIN_MS, signal, async (inner) => {
        const response = await this.bearer.send(`${this.#base()}/api/ice-servers`, {
          signal: inner,
        });
        return iceServersOf(await response.json());
      });
    } catch {
      signal.throwIfAborted();
      return []; // the offer says what is wrong, if anything is
    }
  }

  /** Offers `sdp`, under the session of `ticket` if there is one. Throws an `EyeError`. */
  async offer(
    sdp: string,
    ids: Ids,
    ticket: Ticket | null,
    signal: AbortSignal,
  ): Promise<Admission> {
    const url = this.#offerUrl(ids, ticket);
    const headers = new Headers({ "Content-Type": "application/sdp" });
    if (ticket) headers.set("Resume-Token", ticket.resumeToken);
    try {
      return await within(ANSWER_WITHIN_MS, signal, async (inner) => {
        const init = { method: "POST", headers, body: sdp, signal: inner };
        return admissionOf(await this.bearer.send(url, init), url, ticket);
      });
    } catch (cause) {
      signal.throwIfAborted();
      throw cause instanceof EyeError ? cause : new EyeError("unreachable", { cause });
    }
  }

  /** Ends the session. Best effort: its summary, or null; the service finds out anyway. */
  async release(ticket: Ticket): Promise<SummaryMessage | null> {
    try {
      return await within(RELEASE_WITHIN_MS, new AbortController().signal, async (signal) => {
        const init = { method: "DELETE", keepalive: true, signal };
        const response = await this.bearer.send(ticket.resource, init);
        return summaryOf(await response.json());
      });
    } catch {
      return null; // gone already, or out of reach: the grace period ends it
    }
  }

  #base(): string {
    return this.serviceUrl.replace(/\/+$/, "");
  }

  #offerUrl({ userId, moduleId, sectionId }: Ids, ticket: Ticket | null): string {
    const query = new URLSearchParams();
    const set = (name: string, value: string | number | undefined) => {
      if (value !== undefined && value !== "") query.set(name, String(value));
    };
    set("user_id", userId);
    set("module_id", moduleId);
    set("section_id", sectionId);
    set("session_id", ticket?.sessionId);
    const text = query.toString();
    return `${this.#base()}/whip${text ? `?${text}` : ""}`;
  }
}

/** Where a page that goes away says goodbye: a POST of text needs no preflight. */
export function byeUrl(ticket: Ticket): string {
  return `${ticket.resource.replace(/\/+$/, "")}/bye`;
}

/** The summary in the status of a session that has ended. */
function summaryOf(status: unknown): SummaryMessage | null {
  const { session_id, end_reason, summary } = status as Record<string, unknown>;
  if (typeof summary !== "object" || summary === null) return null;
  const text = JSON.stringify({ v: 1, type: "summary", session_id, end_reason, ...summary });
  const message = decode(text);
  return message?.type === "summary" ? message : null;
}

async function admissionOf(
  response: Response,
  url: string,
  old: Ticket | null,
): Promise<Admission> {
  const location = response.headers.get("Location");
  const sessionId = response.headers.get("Session-Id") ?? old?.sessionId;
  const resumeToken = response.headers.get("Resume-Token") ?? old?.resumeToken;
  if (location === null || sessionId === undefined || resumeToken === undefined) {
    throw new EyeError("service_failed", {
      detail: "the answer lacks a header; is it exposed to CORS?",
    });
  }
  const resource = new URL(location, response.url || url).href;
  return {
    answer: await response.text(),
    ticket: { sessionId, resumeToken, resource },
  };
}
