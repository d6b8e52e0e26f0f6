/** ICE servers as services write them. */

/** Servers from `[…]`, `{"iceServers": […]}` or `{"ice_servers": […]}`; what is none is left out. */
export function iceServersOf(body: unknown): RTCIceServer[] {
  const listed = Array.isArray(body)
    ? body
    : (field(body, "ice_servers") ?? field(body, "iceServers"));
  return Array.isArray(listed) ? listed.flatMap(serverOf) : [];
}

function serverOf(entry: unknown): RTCIceServer[] {
  const urls = field(entry, "urls") ?? field(entry, "url");
  if (!isUrls(urls)) return [];
  const username = field(entry, "username");
  const credential = field(entry, "credential");
  return [
    {
      urls,
      ...(typeof username === "string" ? { username } : {}),
      ...(typeof credential === "string" ? { credential } : {}),
    },
  ];
}

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function isUrls(value: unknown): value is string | string[] {
  return (
    typeof value === "string" ||
    (Array.isArray(value) && value.every((url) => typeof url === "string"))
  );
}
