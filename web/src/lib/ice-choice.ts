/** The ICE servers of one rung alone, so that it can be tried by itself. */

import type { Rung } from "./state.js";
import type { ChooseIce } from "./webrtc.js";

export type IceRung = Exclude<Rung, "websocket" | "rest">;

/** A configuration that can take this way only; null where the service has no server for it. */
export function onlyBy(rung: IceRung, iceServers: RTCIceServer[]): RTCConfiguration | null {
  if (rung === "direct") return { iceServers: withUrls(iceServers, isStun) };
  const relays = withUrls(iceServers, (url) => rungOfUrl(url) === rung);
  return relays.length > 0 ? { iceServers: relays, iceTransportPolicy: "relay" } : null;
}

/** {@link onlyBy} for `webRtc`; `missing` is thrown where there is no server. */
export function choosing(rung: IceRung, missing: () => Error): ChooseIce {
  return (iceServers) => {
    const configuration = onlyBy(rung, iceServers);
    if (configuration === null) throw missing();
    return configuration;
  };
}

function withUrls(servers: RTCIceServer[], wanted: (url: string) => boolean): RTCIceServer[] {
  return servers
    .map((server) => ({ ...server, urls: [server.urls].flat().filter(wanted) }))
    .filter(({ urls }) => urls.length > 0);
}

function isStun(url: string): boolean {
  return /^stuns?:/i.test(url);
}

/** RFC 7065: `turns` is TLS, `turn` is UDP unless it says otherwise. */
function rungOfUrl(url: string): IceRung | null {
  if (/^turns:/i.test(url)) return "turn-tls";
  if (!/^turn:/i.test(url)) return null;
  return /[?&]transport=tcp/i.test(url) ? "turn-tcp" : "turn-udp";
}
