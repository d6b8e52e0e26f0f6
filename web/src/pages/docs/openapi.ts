/** As much of OpenAPI 3.1 as the service's document uses. */

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

export interface Body {
  readonly schema?: Schema;
  /** The shape of each event's data in a stream. */
  readonly "x-event"?: Schema;
}

export type Content = Readonly<Record<string, Body>>;

export interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description?: string }>>;
  readonly content?: Content;
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Answer>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

export interface OpenApi {
  readonly info: { readonly title: string; readonly description: string; readonly version: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** One operation and where it is. */
export interface Entry {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** All operations in the document's order, by their first tag. */
export function entriesByTag(document: OpenApi): Map<string, Entry[]> {
  const found = new Map<string, Entry[]>();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags[0] ?? "";
      const entries = found.get(tag) ?? [];
      entries.push({ method: method.toUpperCase(), path, operation });
      found.set(tag, entries);
    }
  }
  return found;
}

/** Everything of an operation that somebody may look for, in lower case. */
export function wordsOf({ method, path, operation }: Entry): string {
  return `${method} ${path} ${JSON.stringify(operation)}`.toLowerCase();
}

/** Whether tokens are optional, needed or of no use. */
export function accessOf(operation: Operation): string {
  const schemes = operation.security.flatMap((one) => Object.keys(one));
  const optional = operation.security.some((one) => Object.keys(one).length === 0);
  if (schemes.length === 0) return "No token";
  const names = schemes.map((name) => (name === "staffToken" ? "staff token" : "session token"));
  return `${optional ? "Optional here: " : "Needs a "}${names.join(" or ")}`;
}
