/** ICE servers as services write them: as JSON of three shapes, or in `Link` headers. */

/** Servers from `[…]`, `{"iceServers": […]}` or `{"ice_servers": […]}`; what is none is left out. */
export function iceServersOf(body: unknown): RTCIceServer[] {
  const listed = Array.isArray(body)
    ? body
    : (field(body, "ice_servers") ?? field(body, "iceServers"));
  return Array.isArray(listed) ? listed.flatMap(serverOf) : [];
}

/** Servers from `Link: <turn:…>; rel="ice-server"; username="…"; credential="…"` (RFC 9725, 4.6). */
export function iceServersOfLink(header: string | null): RTCIceServer[] {
  const links = header?.match(/<[^>]*>(?:\s*;\s*[\w-]+\s*=\s*(?:"[^"]*"|[^",;\s]+))*/g) ?? [];
  return links.filter((link) => /;\s*rel\s*=\s*"?ice-server"?/i.test(link)).map(serverOfLink);
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

function serverOfLink(link: string): RTCIceServer {
  const parameter = (name: string) =>
    link.match(new RegExp(`;\\s*${name}\\s*=\\s*"([^"]*)"`, "i"))?.[1];
  const username = parameter("username");
  const credential = parameter("credential");
  return {
    urls: link.slice(1, link.indexOf(">")),
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential }),
  };
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
