/**
 * `npm run types`: writes docs/schema/messages.schema.json from rtc_server/metrics/wire.py, and
 * src/lib/messages.gen.ts from that. PYTHON names the interpreter (default: the repository's own).
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { typescriptOf } from "./typescript.mjs";

const web = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const root = resolve(web, "..");
const python = process.env.PYTHON ?? resolve(root, ".venv/bin/python");
const program =
  "import json; from rtc_server.metrics.wire import json_schema; print(json.dumps(json_schema(), indent=2))";
const text = execFileSync(python, ["-c", program], { cwd: root, encoding: "utf8" });

mkdirSync(resolve(root, "docs/schema"), { recursive: true });
writeFileSync(resolve(root, "docs/schema/messages.schema.json"), text);
writeFileSync(resolve(web, "src/lib/messages.gen.ts"), typescriptOf(JSON.parse(text)));
console.log("docs/schema/messages.schema.json and web/src/lib/messages.gen.ts are up to date");
