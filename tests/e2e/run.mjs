// Runs the end-to-end tests: `npm run e2e [-- FILE...]`. What they need is installed where npm can do it, else named.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { installEditor } from "./installEditor.mjs";
import { EDITOR_ENTRY, ROOT, VSIX, chromiumPath, pythonPath } from "./places.mjs";

if (chromiumPath() === undefined) fail("chromium is needed on PATH, or CODEKIN_CHROMIUM");
if (pythonPath() === undefined) fail("a Python with codekin's dependencies is needed, or CODEKIN_PYTHON");
if (!existsSync(VSIX)) fail("npm run package comes first");
if (!existsSync(EDITOR_ENTRY)) installEditor();
const folder = join(ROOT, "tests/e2e");
const all = readdirSync(folder).filter((name) => name.endsWith(".e2e.mjs"));
const wanted = process.argv.slice(2);
const files = all.filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
const options = ["--test", "--test-concurrency=1", "--test-reporter=spec"];
const { status } = spawnSync(process.execPath, [...options, ...files.map((name) => join(folder, name))], {
  stdio: "inherit",
});
process.exit(status ?? 1);

function fail(text) {
  console.error(text);
  process.exit(2);
}
