// Installs code-server (VS Code in a browser) from npm. Its own installer downloads prebuilt
// programs from other places. Here they are built, and ripgrep is that of the system. Needs g++,
// make, python3 and rg, and takes one to two minutes, once.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EDITOR, EDITOR_ENTRY, EDITOR_VERSION, onPath } from "./places.mjs";

const INSTALLED = join(EDITOR, "installed");
const MAX_OUTPUT_BYTES = 64_000_000;
const MAX_MESSAGE_LENGTH = 2000;
const PLAIN = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];

export const isInstalled = () => existsSync(INSTALLED);

/** Returns the required programs that are missing on PATH. */
export const missingPrograms = () => ["rg", "g++", "make", "python3"].filter((name) => onPath(name) === undefined);

/**
 * Installs the editor. Throws with the end of npm's output on failure, for example without a
 * network.
 */
export function installEditor() {
  // The remains of an interrupted installation may be broken.
  rmSync(EDITOR, { recursive: true, force: true });
  mkdirSync(EDITOR, { recursive: true });
  writeFileSync(join(EDITOR, "package.json"), '{"private":true}');
  const workbench = join(EDITOR, "node_modules/code-server/lib/vscode");
  npm(EDITOR, "install", ...PLAIN, `code-server@${EDITOR_VERSION}`);
  npm(EDITOR, "rebuild", "--build-from-source", "argon2");
  npm(workbench, "install", "--omit=dev", ...PLAIN);
  npm(workbench, "rebuild", "@vscode/spdlog", "native-watchdog", "@vscode/deviceid");
  try {
    npm(workbench, "rebuild", "node-pty");
  } catch (error) {
    // Its last step needs a network. What matters is whether the module was built.
    if (!existsSync(join(workbench, "node_modules/node-pty/build/Release/pty.node"))) throw error;
  }
  npm(join(workbench, "extensions"), "install", "--omit=dev", ...PLAIN);
  mkdirSync(join(workbench, "node_modules/@vscode/ripgrep/bin"), { recursive: true });
  link(onPath("rg"), join(workbench, "node_modules/@vscode/ripgrep/bin/rg"));
  link("node_modules", join(workbench, "node_modules.asar"));
  link("code-linux.sh", join(workbench, "bin/remote-cli/code-server"));
  link("browser-linux.sh", join(workbench, "bin/helpers/browser.sh"));
  execFileSync(process.execPath, [EDITOR_ENTRY, "--version"], { stdio: "ignore" });
  writeFileSync(INSTALLED, EDITOR_VERSION);
}

/** Runs npm and hides its output unless it fails. */
function npm(cwd, ...args) {
  try {
    execFileSync("npm", args, { cwd, stdio: ["ignore", "ignore", "pipe"], maxBuffer: MAX_OUTPUT_BYTES });
  } catch (error) {
    const output = String(error.stderr ?? error).trim();
    throw new Error(`npm ${args.join(" ")} failed: ${output.slice(-MAX_MESSAGE_LENGTH)}`, { cause: error });
  }
}

function link(target, path) {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}
