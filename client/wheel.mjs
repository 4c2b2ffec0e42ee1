// Builds the wheels that the extension contains (dist/wheel), each unless it is newer than what it is
// built from: the server, in the version of the extension, and the deep model. The weights of the
// model come from where server/deep_model/build_weights.py finds them. With CODEKIN_WITHOUT_DEEP_MODEL
// the extension is packaged without the model.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { pythonPath } from "../tests/e2e/support/places.mjs";

const FOLDER = "dist/wheel";
const MODEL = "server/deep_model";

const extension = JSON.parse(readFileSync("package.json", "utf8")).version;
const server = versionIn("server/codekin/__init__.py", /^__version__ = "(.+)"$/m);
if (server !== extension) throw new Error(`The server has version ${server}, and package.json has ${extension}.`);

provide({
  name: "codekin",
  version: server,
  project: ".",
  sources: ["pyproject.toml", "README.md", "LICENSE", "server/codekin"],
});
if (process.env.CODEKIN_WITHOUT_DEEP_MODEL) removeWheels("codekin_deep_model");
else provideModel();

function provideModel() {
  const version = versionIn(join(MODEL, "pyproject.toml"), /^version = "(.+)"$/m);
  const sources = ["pyproject.toml", "build_weights.py", "codekin_deep_model"].map((name) => join(MODEL, name));
  try {
    provide({ name: "codekin_deep_model", version, project: `./${MODEL}`, sources });
  } catch (error) {
    if (error.status === undefined) throw error; // pip did not run
    console.error(
      "The wheel of the deep model could not be built; the output of pip says why. To fix: let " +
        "CODEKIN_DEEP_WEIGHTS name the weights (see docs/operate/deep.md), or set CODEKIN_WITHOUT_DEEP_MODEL=1 " +
        "to package the extension without the model.",
    );
    process.exit(1);
  }
}

/** Builds a wheel, unless it is newer than its sources, and removes those of other versions. */
function provide({ name, version, project, sources }) {
  const wheel = `${name}-${version}-py3-none-any.whl`;
  const path = join(FOLDER, wheel);
  if (existsSync(path) && statSync(path).mtimeMs >= Math.max(...sources.map(changed))) return;
  removeWheels(name);
  build(wheel, project);
}

/** The wheel appears complete or not at all. */
function build(wheel, project) {
  const python = pythonPath();
  if (python === undefined) throw new Error("Python was not found. Install it or set CODEKIN_PYTHON.");
  const unfinished = join(FOLDER, "unfinished");
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const pip = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", unfinished, project];
  try {
    execFileSync(python, pip, { stdio: "inherit" });
    renameSync(join(unfinished, wheel), join(FOLDER, wheel));
  } finally {
    rmSync(unfinished, { recursive: true });
  }
}

function removeWheels(name) {
  const files = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  for (const file of files) if (file.startsWith(`${name}-`)) rmSync(join(FOLDER, file));
}

function versionIn(file, pattern) {
  return pattern.exec(readFileSync(file, "utf8"))?.[1];
}

/** Returns the time of the last change of a file, or of the files in a folder. */
function changed(path) {
  const own = statSync(path).mtimeMs;
  if (!statSync(path).isDirectory()) return own;
  const entries = readdirSync(path, { withFileTypes: true }).filter(({ name }) => name !== "__pycache__");
  return Math.max(...entries.map(({ name }) => changed(join(path, name))));
}
