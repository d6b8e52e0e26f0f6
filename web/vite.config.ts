import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig, type Plugin } from "vite";

const pages = resolve(import.meta.dirname, "src/pages");

const uplot = resolve(import.meta.dirname, "node_modules/uplot");

/** The licence asks to go along with every copy; the minifier takes comments away. */
const licence: Plugin = {
  name: "licence",
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== "chunk" || !chunk.moduleIds.some((id) => id.startsWith(uplot))) continue;
      const text = readFileSync(resolve(uplot, "LICENSE"), "utf8");
      chunk.code = `/*! uPlot\n${text}*/\n${chunk.code}`;
    }
  },
};

/** The pages, as the service hands them out in its root: no inline script, no inline style. */
export default defineConfig({
  root: pages,
  base: "./",
  plugins: [licence],
  envDir: import.meta.dirname,
  build: {
    outDir: resolve(import.meta.dirname, "dist"),
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: ["index", "check", "dashboard", "docs"].map((name) => resolve(pages, `${name}.html`)),
    },
  },
  server: {
    port: 5173,
    proxy: { "/whip": "http://localhost:8080", "/api": "http://localhost:8080" },
  },
});
