/** How long an offer waits for its candidates. */

const QUIET_MS = 250;
const LONGEST_MS = 1_500;

/**
 * Resolves when all candidates are gathered, or when no further one came for a quarter of a
 * second: the service learns the missing ones from the checks themselves (peer-reflexive).
 */
export function gathered(peer: RTCPeerConnection): Promise<void> {
  return new Promise((resolve) => {
    if (peer.iceGatheringState === "complete") return resolve();
    const listening = new AbortController();
    const finish = () => {
      listening.abort();
      clearTimeout(quiet);
      clearTimeout(longest);
      resolve();
    };
    let quiet = setTimeout(finish, LONGEST_MS);
    const longest = setTimeout(finish, LONGEST_MS);
    const hear = ({ candidate }: RTCPeerConnectionIceEvent) => {
      if (candidate === null) return finish();
      clearTimeout(quiet);
      quiet = setTimeout(finish, QUIET_MS);
    };
    peer.addEventListener("icecandidate", hear, { signal: listening.signal });
  });
}
