/** A service at the `fetch` seam: answers from a list, and remembers what it was asked. */

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
}

type Answer = Response | Error | ((asked: Asked) => Response);

export class ScriptedService {
  readonly asked: Asked[] = [];
  readonly #answers: Answer[];

  constructor(...answers: Answer[]) {
    this.#answers = answers;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const asked = {
      method: init?.method ?? "GET",
      url: new URL(String(input)),
      headers: new Headers(init?.headers),
      body: String(init?.body ?? ""),
    };
    this.asked.push(asked);
    const answer = this.#answers.shift();
    if (answer === undefined) throw new Error(`nobody expected ${asked.method} ${asked.url}`);
    if (answer instanceof Error) throw answer;
    return typeof answer === "function" ? answer(asked) : answer;
  };
}

/** Never answers, but obeys the signal, as a network does that swallows everything. */
export const silentFetch: typeof fetch = (_, init) =>
  new Promise((_resolve, reject) => {
    init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
  });

export function created(headers: Record<string, string> = {}): Response {
  return new Response("v=0 answer", {
    status: 201,
    headers: {
      "Content-Type": "application/sdp",
      Location: "/whip/s3cret",
      "Session-Id": "6f0c8f5e-5d0b-4d0a-9a35-6c1a9d0f3b71",
      "Resume-Token": "resume-1",
      ...headers,
    },
  });
}

export function refused(
  status: number,
  code: string,
  headers: Record<string, string> = {},
): Response {
  return new Response(JSON.stringify({ status, code }), {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });
}
