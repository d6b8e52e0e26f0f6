/** Which view the address asks for; everything stands behind the `#`, which no server sees. */

export type Route =
  | { readonly view: "live" }
  | { readonly view: "sessions" }
  | { readonly view: "session"; readonly id: string };

export function routeOf(fragment: string): Route {
  const parts = new URLSearchParams(fragment.replace(/^#/, ""));
  const id = parts.get("session");
  if (id) return { view: "session", id };
  return { view: parts.has("sessions") ? "sessions" : "live" };
}

export function linkTo(sessionId: string): string {
  return `#${new URLSearchParams({ session: sessionId })}`;
}
