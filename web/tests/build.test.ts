/** What leaves the house: built in memory, so that it is today's. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type InlineConfig, type Rollup } from "vite";
import { beforeAll, describe, expect, test, vi } from "vitest";

const web = resolve(import.meta.dirname, "..");
const GZIPPED_AT_MOST = 30 * 1024;
/** The library without the element. */
const LIBRARY_AT_MOST = 16 * 1024;
const SLOW = 60_000;

async function built(config: string, mode: string): Promise<Rollup.RollupOutput["output"]> {
  const inline: InlineConfig = {
    configFile: resolve(web, config),
    mode,
    logLevel: "error",
    build: { write: false },
  };
  const result = await build(inline);
  const first = Array.isArray(result) ? result[0] : result;
  if (!first || !("output" in first)) throw new Error("nothing was built");
  return first.output;
}

function text(file: Rollup.OutputChunk | Rollup.OutputAsset): string {
  return file.type === "chunk" ? file.code : String(file.source);
}

test.each([
  ["es", ["eye-session-element.js", "eye-session.js"]],
  ["iife", ["eye-session.iife.js"]],
])(
  "each file of the library (%s) keeps its size",
  async (mode, files) => {
    const output = await built("vite.lib.config.ts", mode);
    expect(output.map(({ fileName }) => fileName).sort()).toEqual(files);
    for (const file of output) {
      const most = file.fileName === "eye-session.js" ? LIBRARY_AT_MOST : GZIPPED_AT_MOST;
      expect(gzipSync(text(file)).length, file.fileName).toBeLessThanOrEqual(most);
    }
  },
  SLOW,
);

describe("the pages", () => {
  let output: Rollup.RollupOutput["output"];

  beforeAll(async () => {
    output = await built("vite.config.ts", "production");
  }, SLOW);

  test("have no inline script or style, and load nothing from elsewhere", () => {
    const pages = output.filter(({ fileName }) => fileName.endsWith(".html"));
    expect(pages).not.toHaveLength(0);
    for (const html of pages.map(text)) {
      expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
      expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/);
      expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
      expect(html, "behind a proxy the root is a folder").not.toMatch(/(src|href)="\//);
    }
  });

  test("load the charts when a session is opened, with their licence and not before", () => {
    const chunks = output.filter((file) => file.type === "chunk");
    const charts = chunks.filter(({ moduleIds }) => moduleIds.some((id) => id.includes("uplot")));
    expect(charts).toHaveLength(1);
    expect(charts[0]?.code).toMatch(/^\/\*! uPlot\n.*MIT License/);
    expect(charts[0]?.isDynamicEntry).toBe(true);
    const names = charts.map(({ fileName }) => fileName);
    expect(chunks.flatMap(({ imports }) => imports)).not.toContain(names[0]);
  });
});

test(
  "a build knows its service and its pace from the environment",
  async () => {
    vi.stubEnv("VITE_PYTHON_SERVICE_URL", "https://eyes.example.edu");
    vi.stubEnv("VITE_MAX_CAPTURE_FPS", "7.25");
    const code = (await built("vite.config.ts", "production")).map(text).join("\n");
    vi.unstubAllEnvs();
    // not toContain: what a failure prints would be all the pages
    expect(code.includes("https://eyes.example.edu")).toBe(true);
    expect(/\b7\.25\b/.test(code)).toBe(true);
  },
  SLOW,
);

test("what package.json exports is there after a build, types included", () => {
  const { exports } = JSON.parse(readFileSync(resolve(web, "package.json"), "utf8"));
  const files = Object.values<string | Record<string, string>>(exports).flatMap((target) =>
    typeof target === "string" ? [target] : Object.values(target),
  );
  expect(files).toHaveLength(5);
  for (const file of files) expect(existsSync(resolve(web, file)), file).toBe(true);
});

test("the library knows no document and no window", () => {
  const folder = resolve(web, "src/lib");
  for (const file of readdirSync(folder).filter((name) => name !== "frames.ts")) {
    expect(readFileSync(resolve(folder, file), "utf8"), file).not.toMatch(
      /\b(document|window)\.\w/,
    );
  }
});
