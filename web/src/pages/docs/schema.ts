/** JSON Schemas in words: `array of Sample`, `integer, 1 to 500`. */

import type { Schema } from "./openapi.js";

const REF = "#/components/schemas/";

/** A word of a type: plain, or the name of a model. */
export type Word = string | { readonly model: string };

/** What a value of this schema is. */
export function typeWords(schema: Schema): Word[] {
  if (schema.$ref?.startsWith(REF)) return [{ model: schema.$ref.slice(REF.length) }];
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return joined(choices.map(typeWords), " or ");
  if (schema.const !== undefined) return [JSON.stringify(schema.const)];
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(" or ")];
  if (schema.type === "array") return arrayWords(schema);
  if (typeof schema.additionalProperties === "object") {
    return ["object of ", ...typeWords(schema.additionalProperties)];
  }
  return [(schema.type ?? "any JSON") + limits(schema)];
}

/** The names of all models that a schema leads to directly. */
export function modelsIn(schema: Schema): string[] {
  return typeWords(schema).flatMap((word) => (typeof word === "string" ? [] : [word.model]));
}

function arrayWords({ items, prefixItems }: Schema): Word[] {
  if (prefixItems) return ["[", ...joined(prefixItems.map(typeWords), ", "), "]"];
  return items ? ["array of ", ...typeWords(items)] : ["array"];
}

function joined(parts: readonly Word[][], between: string): Word[] {
  return parts.flatMap((part, index) => (index === 0 ? part : [between, ...part]));
}

function limits(schema: Schema): string {
  const low = schema.minimum ?? schema.minLength;
  const high = schema.maximum ?? schema.maxLength;
  const unit = schema.type === "string" ? " characters" : "";
  if (low !== undefined && high !== undefined) return `, ${low} to ${high}${unit}`;
  if (low !== undefined) return `, at least ${low}${unit}`;
  return high === undefined ? "" : `, at most ${high}${unit}`;
}
