import { resolve } from "node:path";
import { defineConfig } from "vite";

const pages = resolve(import.meta.dirname, "src/pages");

/** The pages, as the service hands them out at `/`: no inline script, no inline style. */
export default defineConfig({
  root: pages,
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
