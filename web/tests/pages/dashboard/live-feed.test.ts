import { expect, test, vi } from "vitest";
import { EyeError } from "../../../src/lib/errors.js";
import { type FeedState, LiveFeed } from "../../../src/pages/dashboard/live-feed.js";
import type { LiveRound } from "../../../src/pages/dashboard/stored.js";

const ROUND: LiveRound = { at: 1, sessions: [] };

function streaming(...rounds: LiveRound[]): Response {
  return new Response(rounds.map((round) => `data: ${JSON.stringify(round)}\n\n`).join(""));
}

function feed(answers: (Response | EyeError)[]) {
  const rounds: LiveRound[] = [];
  const states: FeedState[] = [];
  const over = new AbortController();
  const open = async () => {
    const answer = answers.shift();
    if (answer === undefined) {
      over.abort();
      throw new EyeError("aborted");
    }
    if (answer instanceof EyeError) throw answer;
    return answer;
  };
  const live = new LiveFeed(open, {
    round: (round) => rounds.push(round),
    state: (state) => states.push(state),
  });
  return { live, rounds, states, signal: over.signal };
}

test("a stream that ends, and a service that is busy, are tried again", async () => {
  vi.useFakeTimers();
  const { live, rounds, states, signal } = feed([
    streaming(ROUND),
    new EyeError("overloaded", { retryAfterMs: 2_000 }),
    streaming(ROUND, ROUND),
  ]);
  const running = live.run(signal);
  await vi.advanceTimersByTimeAsync(60_000);
  await running;
  vi.useRealTimers();
  expect(rounds).toHaveLength(3);
  expect(states.filter((state, i) => state !== states[i - 1])).toEqual([
    "connecting",
    "live",
    "lost",
    "busy",
    "live",
    "lost",
  ]);
});

test("who is turned away is not left waiting", async () => {
  const { live, signal } = feed([new EyeError("forbidden", { code: "staff_only" })]);
  await expect(live.run(signal)).rejects.toMatchObject({ code: "staff_only" });
});
