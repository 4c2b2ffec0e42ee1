// Locations of the programs that the tests use. Environment variables can name others.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
export const VSIX = join(ROOT, "dist/codekin.vsix");
/** Screenshots, and the logs and traces of failures. */
export const ARTEFACTS = process.env.CODEKIN_E2E_OUT ?? join(ROOT, "test-results/e2e");
export const EDITOR_VERSION = "4.100.3"; // VS Code 1.100.3, for Node 20
/**
 * Built for one version of Node, and kept outside the checkout because building it takes a minute.
 */
export const EDITOR =
  process.env.CODEKIN_CODE_SERVER ??
  join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
    "codekin-e2e",
    `code-server-${EDITOR_VERSION}-node${process.versions.node.split(".", 1)[0]}`,
  );
export const EDITOR_ENTRY = join(EDITOR, "node_modules/code-server/out/node/entry.js");

/** Returns the first of these programs on PATH. */
export function onPath(...names) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
}

export const chromiumPath = () =>
  process.env.CODEKIN_CHROMIUM ?? onPath("chromium", "chromium-browser", "google-chrome");

export function pythonPath() {
  const own = join(ROOT, ".venv/bin/python");
  return process.env.CODEKIN_PYTHON ?? (existsSync(own) ? own : onPath("python3"));
}
