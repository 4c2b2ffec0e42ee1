// Runs the end-to-end tests: `npm run e2e [-- --if-possible] [FILE...]`. What they need is installed where npm can do it,
// else named: with --if-possible that is no failure. Says how long each phase took, and where the pictures are.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { installExtension } from "./support/editor.mjs";
import { installEditor, isInstalled, lacking } from "./support/installEditor.mjs";
import { ARTEFACTS, EDITOR, ROOT, VSIX, chromiumPath, pythonPath } from "./support/places.mjs";

const FOLDER = join(ROOT, "tests/e2e");
/** For a whole file; each wait has a shorter limit of its own. */
const LONGEST_MS = 600_000;
const OPTIONS = ["--test", "--test-concurrency=1", "--test-reporter=spec", `--test-timeout=${LONGEST_MS}`];

const words = process.argv.slice(2);
const ifPossible = words.includes("--if-possible");
process.exit(main(words.filter((word) => word !== "--if-possible")));

function main(wanted) {
  const why = whyNot();
  if (why !== undefined) return cannot(why);
  if (!isInstalled()) {
    try {
      phase(`code-server installed into ${EDITOR}`, installEditor);
    } catch (error) {
      return cannot(error.message);
    }
  }
  rmSync(ARTEFACTS, { recursive: true, force: true });
  const extensions = mkdtempSync(join(tmpdir(), "codekin-extensions-"));
  try {
    phase("extension installed", () => installExtension(extensions));
    return phase("tests", () => runTests(wanted, { ...process.env, CODEKIN_E2E_EXTENSIONS: extensions }));
  } finally {
    rmSync(extensions, { recursive: true, force: true });
    console.log(`Screenshots, and logs and traces of what failed: ${relative(ROOT, ARTEFACTS)}`);
  }
}

function runTests(wanted, env) {
  const all = readdirSync(FOLDER, { recursive: true }).filter((name) => name.endsWith(".e2e.mjs"));
  const isWanted = (name) => wanted.some((part) => basename(name).includes(basename(part)));
  const files = wanted.length === 0 ? all : all.filter(isWanted);
  if (files.length === 0) {
    console.error(`No end-to-end test is called ${wanted.join(" or ")}: ${all.join(", ")}`);
    return 1;
  }
  const paths = files.map((name) => join(FOLDER, name));
  return spawnSync(process.execPath, [...OPTIONS, ...paths], { stdio: "inherit", env }).status ?? 1;
}

/** What this machine lacks, in words. */
function whyNot() {
  if (!existsSync(VSIX)) return "npm run package comes first";
  if (chromiumPath() === undefined) return "chromium is needed on PATH, or CODEKIN_CHROMIUM";
  if (pythonPath() === undefined) return "Python is needed on PATH, or CODEKIN_PYTHON";
  const missing = isInstalled() ? [] : lacking();
  if (missing.length > 0)
    return `to build code-server, ${missing.join(", ")} is needed on PATH, or CODEKIN_CODE_SERVER`;
  if (!runs(chromiumPath(), "--version")) return `${chromiumPath()} cannot be run`;
  if (!runs(pythonPath(), "-c", "import sys; sys.path.insert(0, 'server'); import codekin.lsp"))
    return `${pythonPath()} lacks codekin's dependencies; CODEKIN_PYTHON names another`;
  return undefined;
}

function runs(...command) {
  return spawnSync(command[0], command.slice(1), { cwd: ROOT, stdio: "ignore" }).status === 0;
}

function cannot(why) {
  console.log(ifPossible ? `End-to-end tests skipped: ${why}` : `End-to-end tests cannot be run: ${why}`);
  return ifPossible ? 0 : 2;
}

function phase(name, work) {
  const started = performance.now();
  const result = work();
  console.log(`${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return result;
}
