// Runs the end-to-end tests: `npm run e2e [-- --if-possible] [FILE...]`. Installs what npm can
// install and names what else is missing. With --if-possible, missing programs are not a failure.
// Prints the duration of each phase and the location of the pictures. If one or two files fail, they
// are run once more: a test that passes then is reported as unstable, and is not a failure.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { installExtension } from "./support/editor.mjs";
import { installEditor, isInstalled, missingPrograms } from "./support/installEditor.mjs";
import { ARTEFACTS, EDITOR, ROOT, VSIX, chromiumPath, pythonPath } from "./support/places.mjs";

const FOLDER = join(ROOT, "tests/e2e");
/** Limit for a test file. Each wait has a shorter limit. */
const FILE_TIMEOUT_MS = 600_000;
const OPTIONS = ["--test", "--test-reporter=spec", `--test-timeout=${FILE_TIMEOUT_MS}`];
const MOST_UNSTABLE_FILES = 2;

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
    const env = { ...process.env, CODEKIN_E2E_EXTENSIONS: extensions };
    return phase("tests", () => runTests(wanted, env));
  } finally {
    rmSync(extensions, { recursive: true, force: true });
    console.log(`Screenshots, and logs and traces of failures: ${relative(ROOT, ARTEFACTS)}`);
  }
}

function runTests(wanted, env) {
  const all = readdirSync(FOLDER, { recursive: true }).filter((name) => name.endsWith(".e2e.mjs"));
  const isWanted = (name) => wanted.some((part) => basename(name).includes(basename(part)));
  const files = wanted.length === 0 ? all : all.filter(isWanted);
  if (files.length === 0) {
    console.error(`No end-to-end test matches ${wanted.join(" or ")}. Available: ${all.join(", ")}`);
    return 1;
  }
  const failed = files.filter((name) => !passes(name, env));
  if (failed.length === 0 || failed.length > MOST_UNSTABLE_FILES) return conclude("Failed", failed);
  console.log(`Run once more: ${failed.join(", ")}`);
  const twice = failed.filter((name) => !passes(name, env));
  conclude(
    "Unstable, passed when run once more",
    failed.filter((name) => !twice.includes(name)),
  );
  return conclude("Failed twice", twice);
}

/** Runs one file in a process of its own, whose status is certain to be that of this file. */
function passes(name, env) {
  console.log(`== ${name}`);
  return spawnSync(process.execPath, [...OPTIONS, join(FOLDER, name)], { stdio: "inherit", env }).status === 0;
}

/** Names the files, if there are any, and returns the exit status. */
function conclude(what, files) {
  if (files.length > 0) console.log(`${what}: ${files.join(", ")}`);
  return files.length > 0 ? 1 : 0;
}

/** Returns what this machine lacks, or undefined if the tests can run. */
function whyNot() {
  if (!existsSync(VSIX)) return "dist/codekin.vsix is missing. Run `npm run package` first.";
  if (chromiumPath() === undefined) return "chromium was not found on PATH. Install it or set CODEKIN_CHROMIUM.";
  if (pythonPath() === undefined) return "Python was not found on PATH. Install it or set CODEKIN_PYTHON.";
  const missing = isInstalled() ? [] : missingPrograms();
  if (missing.length > 0)
    return `building code-server requires on PATH: ${missing.join(", ")}. Install it or set CODEKIN_CODE_SERVER.`;
  if (!runs(chromiumPath(), "--version")) return `${chromiumPath()} cannot be run`;
  if (!runs(pythonPath(), "-c", "import sys; sys.path.insert(0, 'server'); import codekin.lsp"))
    return `${pythonPath()} does not have codekin's dependencies. Install them or set CODEKIN_PYTHON.`;
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
