/** The ICE servers and candidates of one rung alone, so that it can be tried by itself. */

import type { Rung } from "./state.js";
import { AS_IT_IS, type ChooseIce, type ShapeSdp } from "./webrtc.js";

export type IceRung = Exclude<Rung, "websocket" | "rest">;

/** A configuration that can take this way only; null where the service has no server for it. */
export function onlyBy(rung: IceRung, iceServers: RTCIceServer[]): RTCConfiguration | null {
  if (rung === "direct") return { iceServers: withUrls(iceServers, isStun) };
  if (rung === "direct-tcp") return { iceServers: [] };
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

/**
 * The offer and answer of this way only. Over TCP the service must not learn our UDP addresses, for
 * it would ask there by itself; it never asks by TCP.
 */
export function candidatesOf(rung: IceRung, missing: () => Error): ShapeSdp {
  if (rung === "direct-tcp") {
    return {
      offer: (sdp) => without(sdp, UDP),
      answer: (sdp) => {
        if (!TCP.test(sdp)) throw missing();
        return without(sdp, UDP);
      },
    };
  }
  return rung === "direct" ? { ...AS_IT_IS, answer: (sdp) => without(sdp, TCP) } : AS_IT_IS;
}

/** `a=candidate:<foundation> <component> <transport> …` (RFC 8839, section 5.1). */
const UDP = /^a=candidate:\S+ \d+ udp .*\r?\n/im;
const TCP = /^a=candidate:\S+ \d+ tcp .*\r?\n/im;

function without(sdp: string, lines: RegExp): string {
  return sdp.replaceAll(new RegExp(lines.source, "gim"), "");
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
