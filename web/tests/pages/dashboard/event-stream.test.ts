import { expect, test } from "vitest";
import { eventsOf } from "../../../src/pages/dashboard/event-stream.js";

async function read(...chunks: string[]): Promise<string[]> {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });
  const found: string[] = [];
  for await (const data of eventsOf(body)) found.push(data);
  return found;
}

test("each event's data comes out, comments do not", async () => {
  expect(await read("data: one\n\n: still here\n\ndata: two\n\n")).toEqual(["one", "two"]);
});

test("wherever the network cuts, the events are the same", async () => {
  const text = 'data: {"a":"ä\u{1F441}"}\n\n: c\n\ndata: 2\ndata: 3\n\n';
  const bytes = [...new TextEncoder().encode(text)];
  for (let cut = 0; cut <= bytes.length; cut++) {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const part of [bytes.slice(0, cut), bytes.slice(cut)]) {
          controller.enqueue(Uint8Array.from(part));
        }
        controller.close();
      },
    });
    const found: string[] = [];
    for await (const data of eventsOf(body)) found.push(data);
    expect(found, `cut at ${cut}`).toEqual(['{"a":"ä\u{1F441}"}', "2\n3"]);
  }
});

test("an event that was cut off is none", async () => {
  expect(await read("data: whole\n\ndata: ha", "lf")).toEqual(["whole"]);
});
