/**
 * What a JSON value must at least be. Fields that a newer service adds are welcome; a mistyped one
 * is not, nor a missing one that has been there from the first release on.
 */
export type Shape =
  | "string"
  | "number"
  | "integer"
  | "boolean"
  | "null"
  | "absent"
  | { readonly is: readonly unknown[] }
  | { readonly any: readonly Shape[] }
  | { readonly tuple: readonly Shape[] }
  | { readonly list: Shape }
  | { readonly record: Shape }
  | { readonly object: { readonly [key: string]: Shape } };

/** Whether `value` has the `shape`. */
export function conforms(value: unknown, shape: Shape): boolean {
  if (typeof shape === "string") return isScalar(value, shape);
  if ("is" in shape) return shape.is.includes(value);
  if ("any" in shape) return shape.any.some((option) => conforms(value, option));
  if ("list" in shape) return Array.isArray(value) && value.every((v) => conforms(v, shape.list));
  if ("tuple" in shape) return isTuple(value, shape.tuple);
  if (!isObject(value)) return false;
  return "record" in shape
    ? Object.values(value).every((v) => conforms(v, shape.record))
    : Object.entries(shape.object).every(([key, part]) => conforms(value[key], part));
}

function isScalar(value: unknown, type: Extract<Shape, string>): boolean {
  if (type === "null") return value === null;
  if (type === "absent") return value === undefined;
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}

function isTuple(value: unknown, parts: readonly Shape[]): boolean {
  if (!Array.isArray(value) || value.length !== parts.length) return false;
  return parts.every((part, i) => conforms(value[i], part));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
