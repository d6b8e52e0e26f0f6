import { resolve } from "node:path";
import { defineConfig } from "vite";

/**
 * The library. `--mode es`: what a bundler imports. `--mode iife`: one file for a plain page,
 * with the global `EyeSession` and the custom element.
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
            entry: resolve(import.meta.dirname, "src/element/index.ts"),
            name: "EyeSession",
            formats: ["iife" as const],
            fileName: () => "eye-session.iife.js",
          }
        : {
            entry: resolve(import.meta.dirname, "src/lib/index.ts"),
            formats: ["es" as const],
            fileName: () => "eye-session.js",
          },
  },
}));
