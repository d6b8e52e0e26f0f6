/** Types and models, with links from one to the other. */

import { make, prose } from "./dom.js";
import type { Content, Schema } from "./openapi.js";
import { typeWords } from "./schema.js";

/** The id of a model's place on the page. */
export function modelId(name: string): string {
  return `model-${name}`;
}

/** A type in words; models are links. */
export function typeOf(schema: Schema): HTMLElement {
  const words = typeWords(schema).map((word) =>
    typeof word === "string" ? word : make("a", { href: `#${modelId(word.model)}` }, word.model),
  );
  return make("span", { class: "type" }, ...words);
}

/** What a body may be: each media type and its shape. */
export function contentOf(content: Content): HTMLElement {
  const lines = Object.entries(content).map(([type, { schema, "x-event": event }]) => {
    const shape = event ?? (type.endsWith("json") ? schema : undefined);
    return make("li", {}, make("code", {}, type), ...(shape ? [" ", typeOf(shape)] : []));
  });
  return make("ul", { class: "content" }, ...lines);
}

/** A model with its fields. */
export function modelOf(name: string, schema: Schema): HTMLElement {
  const heading = make("h3", { id: modelId(name), tabindex: "-1" }, name);
  const about = schema.description ? [make("p", {}, ...prose(plain(schema.description)))] : [];
  const fields = Object.entries(schema.properties ?? {});
  const shape =
    fields.length === 0
      ? make("p", {}, typeOf(schema))
      : make(
          "dl",
          { class: "fields" },
          ...fields.flatMap(([key, field]) => row(key, field, schema)),
        );
  return make(
    "section",
    { class: "card model", "aria-labelledby": modelId(name) },
    heading,
    ...about,
    shape,
  );
}

function row(name: string, field: Schema, model: Schema): HTMLElement[] {
  const needed = model.required?.includes(name)
    ? [make("span", { class: "needed" }, "always")]
    : [];
  const about = field.description ? [make("p", {}, ...prose(plain(field.description)))] : [];
  return [
    make("dt", {}, make("code", {}, name), " ", ...needed),
    make("dd", {}, typeOf(field), ...about),
  ];
}

/** Docstrings mark code with two backquotes. */
function plain(text: string): string {
  return text.replaceAll("``", "`").replaceAll("\n", " ");
}
