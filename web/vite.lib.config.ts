import { resolve } from "node:path";
import { defineConfig } from "vite";

const source = (path: string) => resolve(import.meta.dirname, "src", path);

/**
 * The library. `--mode es`: what a bundler imports, and the custom element beside it.
 * `--mode iife`: one file for a plain page, with the global `EyeSession` and the element.
 */
export default defineConfig(({ mode }) => ({
  publicDir: false as const,
  envDir: import.meta.dirname,
  build: {
    outDir: resolve(import.meta.dirname, "dist/lib"),
    emptyOutDir: false,
    target: "es2022",
    minify: "esbuild" as const,
    lib:
      mode === "iife"
        ? {
            entry: source("element/index.ts"),
            name: "EyeSession",
            formats: ["iife" as const],
            fileName: () => "eye-session.iife.js",
          }
        : {
            entry: {
              "eye-session": source("lib/index.ts"),
              "eye-session-element": source("element/index.ts"),
            },
            formats: ["es" as const],
            fileName: (_, name) => `${name}.js`,
          },
  },
}));
