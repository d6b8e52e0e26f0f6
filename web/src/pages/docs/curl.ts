/** An operation as a command to try it with. */

import type { Entry } from "./openapi.js";

/** A shell command; path parameters stand in it by name. */
export function curlOf({ method, path, operation }: Entry, origin: string): string {
  const parts = ["curl"];
  if (method !== "GET") parts.push(`-X ${method}`);
  if (operation.security.some((one) => Object.keys(one).length > 0)) {
    parts.push(`-H "Authorization: Bearer $TOKEN"`);
  }
  const type = Object.keys(operation.requestBody?.content ?? {})[0];
  if (type !== undefined) {
    parts.push(
      `-H "Content-Type: ${type}"`,
      type.endsWith("json") ? "-d @body.json" : "--data-binary @body",
    );
  }
  parts.push(
    `"${origin}${path.replace(/\{(\w+)\}/g, (_, name: string) => `$${name.toUpperCase()}`)}"`,
  );
  return parts.join(" ");
}
