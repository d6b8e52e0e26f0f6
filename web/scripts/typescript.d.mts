export function typescriptOf(schema: unknown): string;
