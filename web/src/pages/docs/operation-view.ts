/** One operation: what it takes, what it answers, how to try it. */

import { curlOf } from "./curl.js";
import { make, prose } from "./dom.js";
import { contentOf, typeOf } from "./model-view.js";
import { type Answer, accessOf, type Entry, type Parameter } from "./openapi.js";

/** A card that opens; its id is the operation's. */
export function operationOf(entry: Entry, origin: string): HTMLDetailsElement {
  const { method, path, operation } = entry;
  const title = make(
    "summary",
    {},
    make("span", { class: "method", "data-method": method }, method),
    make("code", { class: "path" }, path),
    make("span", { class: "says" }, ...prose(operation.summary)),
  );
  const paragraphs = operation.description.split("\n\n").filter((text) => text !== "");
  return make(
    "details",
    { class: "card operation", id: operation.operationId },
    title,
    ...paragraphs.map((text) => make("p", {}, ...prose(text))),
    make("p", { class: "access" }, accessOf(operation)),
    ...part("Takes", parametersOf(operation.parameters)),
    ...part("Body", operation.requestBody && contentOf(operation.requestBody.content)),
    ...part("Answers", answersOf(operation.responses)),
    ...part("Try it", tryOf(curlOf(entry, origin))),
  );
}

function part(title: string, content: HTMLElement | undefined): HTMLElement[] {
  return content === undefined ? [] : [make("h3", {}, title), content];
}

function parametersOf(parameters: readonly Parameter[]): HTMLElement | undefined {
  if (parameters.length === 0) return undefined;
  const rows = parameters.flatMap((one) => [
    make(
      "dt",
      {},
      make("code", {}, one.name),
      " ",
      make("span", { class: "needed" }, one.required ? `${one.in}, always` : one.in),
    ),
    make("dd", {}, typeOf(one.schema), ...defaultOf(one), ...aboutOf(one)),
  ]);
  return make("dl", { class: "fields" }, ...rows);
}

function defaultOf({ schema }: Parameter): string[] {
  return schema.default === undefined ? [] : [`; ${JSON.stringify(schema.default)} unless said`];
}

function aboutOf({ description }: Parameter): HTMLElement[] {
  return description === undefined ? [] : [make("p", {}, ...prose(description))];
}

function answersOf(responses: Readonly<Record<string, Answer>>): HTMLElement {
  const rows = Object.entries(responses).flatMap(([status, answer]) => [
    make("dt", { class: "status", "data-class": status[0] }, status),
    make(
      "dd",
      {},
      make("p", {}, ...prose(answer.description)),
      ...(answer.content ? [contentOf(answer.content)] : []),
      ...headersOf(answer),
    ),
  ]);
  return make("dl", { class: "fields answers" }, ...rows);
}

function headersOf({ headers }: Answer): HTMLElement[] {
  const lines = Object.entries(headers ?? {}).map(([name, { description }]) =>
    make("li", {}, make("code", {}, name), " ", ...prose(description ?? "")),
  );
  return lines.length === 0 ? [] : [make("ul", { class: "content" }, ...lines)];
}

function tryOf(command: string): HTMLElement {
  const said = make("span", { role: "status", class: "fine" });
  const copy = make("button", { type: "button", class: "quiet" }, "Copy");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(command);
      said.textContent = "Copied.";
    } catch {
      said.textContent = "Select the command and copy it.";
    }
  });
  const shown = make("pre", { tabindex: "0" }, make("code", {}, command));
  return make("div", { class: "try" }, shown, make("div", { class: "actions" }, copy, said));
}
