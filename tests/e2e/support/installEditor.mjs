// Installs code-server (VS Code in a browser) from npm. Its own installer fetches prebuilt programs from elsewhere; here
// they are built, and ripgrep is the system's. Needs g++, make, python3 and rg. Takes one to two minutes, once.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EDITOR, EDITOR_ENTRY, EDITOR_VERSION, onPath } from "./places.mjs";

const INSTALLED = join(EDITOR, "installed");
const LARGEST_OUTPUT_BYTES = 64_000_000;
const LONGEST_WORDS = 2000;
const PLAIN = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];

export const isInstalled = () => existsSync(INSTALLED);

/** What must be on PATH for it and is not. */
export const lacking = () => ["rg", "g++", "make", "python3"].filter((name) => onPath(name) === undefined);

/** Throws with the end of npm's words where it cannot be done, for instance without a network. */
export function installEditor() {
  // What an interrupted installation left may be broken.
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
    // Its last step fails where it cannot ask its home; what matters is whether it was built.
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

/** Its words are kept for the case that it fails: a step that may fail fills a screen. */
function npm(cwd, ...args) {
  try {
    execFileSync("npm", args, { cwd, stdio: ["ignore", "ignore", "pipe"], maxBuffer: LARGEST_OUTPUT_BYTES });
  } catch (error) {
    const words = String(error.stderr ?? error).trim();
    throw new Error(`npm ${args.join(" ")} failed: ${words.slice(-LONGEST_WORDS)}`, { cause: error });
  }
}

function link(target, path) {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}
