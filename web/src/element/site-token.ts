/** The session token that a site's own page hands out, asked for by the element. */

import { EyeError } from "../lib/errors.js";

/** What a site answers whom it does not know (any more); 419 is Laravel's. */
const SIGNED_OUT: ReadonlySet<number> = new Set([401, 403, 419]);
/** A JSON Web Token in its compact form (RFC 7515, section 7.1). */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * A token from the site itself, which knows the student by the cookie: as JSON, `{"token": "…"}`
 * or the text alone, or as plain text.
 *
 * Where the sign-in has expired sites send their login page, or there; such an answer says
 * `token_expired`. A redirect is not followed: behind it is no token, and often another origin,
 * which would look like being offline. What is no token is never passed on.
 */
export async function fetchToken(url: string): Promise<string> {
  const response = await fetch(url, {
    credentials: "same-origin",
    cache: "no-store",
    redirect: "manual",
    headers: { Accept: "application/json, text/plain;q=0.5" },
  });
  if (response.status >= 500) throw new EyeError("service_failed", { detail: said(response) });
  const signedOut = response.type === "opaqueredirect" || SIGNED_OUT.has(response.status);
  if (!signedOut && !response.ok) throw new EyeError("token_refused", { detail: said(response) });
  const token = signedOut ? undefined : tokenIn(await response.text());
  if (token === undefined) throw new EyeError("token_expired");
  return token;
}

const said = (response: Response) => `the site gives no token: ${response.status}`;

function tokenIn(text: string): string | undefined {
  const found = parsed(text.trim());
  const token = typeof found === "string" ? found : (found as { token?: unknown } | null)?.token;
  return typeof token === "string" && TOKEN.test(token) ? token : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
