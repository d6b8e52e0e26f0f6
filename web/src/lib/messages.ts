/** The JSON of the channels: checked when it comes in, compact when it goes out. */

import { type ClientMessage, type ServerMessage, serverShapes } from "./messages.gen.js";
import { conforms } from "./shape.js";

/** What a client sends, without the version that {@link encode} adds. */
export type Outgoing = ClientMessage extends infer M
  ? M extends ClientMessage
    ? Omit<M, "v">
    : never
  : never;

export function encode(message: Outgoing): string {
  return JSON.stringify({ v: 1, ...message });
}

/** The message in `data`, or null: not text, not JSON, of another version or of an unknown type. */
export function decode(data: unknown): ServerMessage | null {
  if (typeof data !== "string") return null;
  const value = parse(data);
  return isServerMessage(value) ? value : null;
}

/** The messages of a JSON array, without those that {@link decode} would not take. */
export function decodeAll(text: string): ServerMessage[] {
  const value = parse(text);
  return Array.isArray(value) ? value.filter(isServerMessage) : [];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isServerMessage(value: unknown): value is ServerMessage {
  if (typeof value !== "object" || value === null || !("type" in value)) return false;
  const { type } = value;
  if (typeof type !== "string" || !Object.hasOwn(serverShapes, type)) return false;
  return conforms(value, serverShapes[type as ServerMessage["type"]]);
}
