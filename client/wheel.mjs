// Builds the wheel of the server for the extension (dist/wheel), unless it is newer than what it is
// built from. The versions of server and extension must be the same.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { pythonPath } from "../tests/e2e/support/places.mjs";

const FOLDER = "dist/wheel";
const SOURCES = ["pyproject.toml", "README.md", "LICENSE", "server/codekin"];

const extension = JSON.parse(readFileSync("package.json", "utf8")).version;
const server = /^__version__ = "(.+)"$/m.exec(readFileSync("server/codekin/__init__.py", "utf8"))?.[1];
if (server !== extension) throw new Error(`The server has version ${server}, and package.json has ${extension}.`);
const wheel = join(FOLDER, `codekin-${server}-py3-none-any.whl`);
if (!existsSync(wheel) || statSync(wheel).mtimeMs < Math.max(...SOURCES.map(changed))) build();

/** The wheel appears complete or not at all. */
function build() {
  const python = pythonPath();
  if (python === undefined) throw new Error("Python was not found. Install it or set CODEKIN_PYTHON.");
  const unfinished = join(FOLDER, "unfinished");
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const pip = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", unfinished, "."];
  execFileSync(python, pip, { stdio: "inherit" });
  renameSync(join(unfinished, `codekin-${server}-py3-none-any.whl`), wheel);
  rmSync(unfinished, { recursive: true });
}

/** Returns the time of the last change of a file, or of the files in a folder. */
function changed(path) {
  const own = statSync(path).mtimeMs;
  if (!statSync(path).isDirectory()) return own;
  const entries = readdirSync(path, { withFileTypes: true }).filter(({ name }) => name !== "__pycache__");
  return Math.max(...entries.map(({ name }) => changed(join(path, name))));
}
