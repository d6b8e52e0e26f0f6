/** Server-sent events from `fetch`: `EventSource` can send no token but in the address. */

/** The data of each event (HTML Living Standard, 9.2.6), as far as this service uses them. */
export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  const pieces: string[] = [];
  try {
    while (true) {
      const { value, done } = await reader.read();
      if (done) return;
      yield* complete(pieces, value);
    }
  } finally {
    await reader.cancel().catch(() => undefined); // a stream that was aborted cannot be
  }
}

/** Events that end within `text`; what is left stays in `pieces`, unjoined until its end comes. */
function* complete(pieces: string[], text: string): Generator<string> {
  let from = 0;
  // the blank line may be cut in two: look one character back
  if (text.startsWith("\n") && pieces.at(-1)?.endsWith("\n")) {
    yield* dataOf(pieces.splice(0).join(""));
    from = 1;
  }
  for (let end = text.indexOf("\n\n", from); end >= 0; end = text.indexOf("\n\n", from)) {
    yield* dataOf(pieces.splice(0).join("") + text.slice(from, end));
    from = end + 2;
  }
  if (from < text.length) pieces.push(text.slice(from));
}

function* dataOf(event: string): Generator<string> {
  const lines = event.split("\n").filter((line) => line.startsWith("data:"));
  if (lines.length > 0) yield lines.map((line) => line.slice(5).replace(/^ /, "")).join("\n");
}
