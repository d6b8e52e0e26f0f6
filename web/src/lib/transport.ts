/**
 * One connection that carries pictures there and numbers back; a session may use several in turn.
 * Each obeys the advice that it hears itself: the service tells it anew on each.
 */

import type { AttachedMessage, PongMessage, ServerMessage } from "./messages.gen.js";
import type { Outgoing } from "./messages.js";
import type { Rung } from "./state.js";
import type { Ids, Ticket } from "./whip.js";

/** What concerns the session; the rest is between a connection and the service. */
export type SessionMessage = Exclude<ServerMessage, PongMessage | AttachedMessage>;

export interface Transport {
  readonly rung: Rung;
  readonly roundTripMs: number | null;
  /** Nothing comes back at present; it may pass, or be the end. */
  readonly troubled: boolean;
  /** Resolves once nothing more can be carried; never rejects. */
  readonly done: Promise<void>;
  /** False when the connection cannot take it now; nothing is kept for later. */
  send(message: Outgoing): boolean;
  /** Sends this track's pictures from now on, or none. */
  publish(track: MediaStreamTrack | null): Promise<void>;
  /** Something happened to the network: looks at once whether the other side is still there. */
  check(): void;
  close(): void;
}

export interface OpenRequest {
  readonly ids: Ids;
  /** Set when a session is to go on. */
  readonly ticket: Ticket | null;
  readonly track: MediaStreamTrack | null;
  readonly maxFps: number;
  /** The service has taken the session, though the connection may still fail. */
  readonly admitted: (ticket: Ticket) => void;
  readonly heard: (message: SessionMessage) => void;
  /** The rung of an open connection has changed, or whether it is troubled. */
  readonly changed: () => void;
}

/** Opens a connection, or throws an `EyeError` or the signal's reason. */
export type OpenTransport = (request: OpenRequest, signal: AbortSignal) => Promise<Transport>;
