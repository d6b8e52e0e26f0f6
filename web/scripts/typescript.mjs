/**
 * TypeScript from the JSON Schema of the messages: an interface for each, and for what the
 * service sends a shape that is checked at run time. Only what pydantic writes is understood;
 * anything else throws, so that nothing is silently typed as `unknown`.
 */

const SCALARS = {
  string: "string",
  number: "number",
  integer: "number",
  boolean: "boolean",
  null: "null",
};

/** @param {{server: object, client: object}} schema @returns {string} the file's text */
export function typescriptOf(schema) {
  const server = union(schema.server);
  const client = union(schema.client);
  const parts = { ...schema.server.$defs, ...schema.client.$defs };
  return [
    "// Made by `npm run types` from rtc_server/metrics/wire.py: change it there.",
    'import type { Shape } from "./shape.js";',
    ...Object.keys(parts)
      .sort()
      .map((name) => interfaceOf(name, parts)),
    `export type ServerMessage =\n${server.map((name) => `  | ${tsName(name, parts)}`).join("\n")};`,
    `export type ClientMessage =\n${client.map((name) => `  | ${tsName(name, parts)}`).join("\n")};`,
    shapesOf(server, parts),
  ]
    .join("\n\n")
    .concat("\n");
}

function union(side) {
  return side.oneOf.map((option) => refName(option.$ref));
}

function refName(ref) {
  return ref.replace("#/$defs/", "");
}

function tsName(name, parts) {
  return parts[name].properties?.type?.const === undefined ? name : `${name}Message`;
}

function interfaceOf(name, parts) {
  const { description, properties, required = [] } = parts[name];
  const fields = Object.entries(properties).map(([key, part]) => {
    const mark = required.includes(key) || part.const !== undefined ? "" : "?";
    return `  ${key}${mark}: ${typeOf(part, parts)};`;
  });
  return `${comment(description)}export interface ${tsName(name, parts)} {\n${fields.join("\n")}\n}`;
}

function comment(text) {
  if (text === undefined) return "";
  const lines = text.replaceAll("``", "`").split("\n");
  return lines.length === 1
    ? `/** ${lines[0]} */\n`
    : `/**\n${lines.map((l) => ` * ${l}`).join("\n")}\n */\n`;
}

function typeOf(part, parts) {
  if (part.$ref) return tsName(refName(part.$ref), parts);
  if (part.const !== undefined) return JSON.stringify(part.const);
  if (part.enum) return part.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (part.anyOf) return part.anyOf.map((option) => typeOf(option, parts)).join(" | ");
  if (part.prefixItems)
    return `[${part.prefixItems.map((item) => typeOf(item, parts)).join(", ")}]`;
  if (part.type === "array") return `${typeOf(part.items, parts)}[]`;
  if (part.type === "object") return `Record<string, ${typeOf(part.additionalProperties, parts)}>`;
  return known(SCALARS[part.type], part);
}

function shapesOf(names, parts) {
  const lines = names.map((name) => {
    const type = parts[name].properties.type.const;
    return `  ${type}: ${JSON.stringify(shapeOf({ $ref: name }, parts))},`;
  });
  const head = 'export const serverShapes: { readonly [T in ServerMessage["type"]]: Shape } = {';
  return `/** What a message of the service must at least be; see shape.ts. */\n${head}\n${lines.join("\n")}\n};`;
}

/** The grammar is described in src/lib/shape.ts. */
function shapeOf(part, parts) {
  if (part.$ref) return objectShape(parts[refName(part.$ref)], parts);
  if (part.const !== undefined) return { is: [part.const] };
  if (part.enum) return { is: part.enum };
  if (part.anyOf) return { any: part.anyOf.map((option) => shapeOf(option, parts)) };
  if (part.prefixItems) return { tuple: part.prefixItems.map((item) => shapeOf(item, parts)) };
  if (part.type === "array") return { list: shapeOf(part.items, parts) };
  if (part.type === "object") return { record: shapeOf(part.additionalProperties, parts) };
  known(SCALARS[part.type], part);
  return part.type;
}

function objectShape({ properties, required = [] }, parts) {
  const checked = Object.entries(properties).map(([key, part]) => {
    const shape = shapeOf(part, parts);
    const needed = required.includes(key) || part.const !== undefined;
    return [key, needed ? shape : { any: [shape, "absent"] }];
  });
  return { object: Object.fromEntries(checked) };
}

function known(value, part) {
  if (value === undefined) throw new Error(`no TypeScript for ${JSON.stringify(part)}`);
  return value;
}
