// Installs code-server (VS Code in a browser) from npm. Its own installer fetches prebuilt programs from elsewhere; here
// they are built, and ripgrep is the system's. Needs g++, make, python3 and rg. Takes one to two minutes, once.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EDITOR, EDITOR_ENTRY, onPath } from "./places.mjs";

const VERSION = "4.100.3"; // VS Code 1.100.3, for Node 20
const PLAIN = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];

export function installEditor() {
  if (existsSync(join(EDITOR, "installed"))) return;
  const ripgrep = onPath("rg");
  if (ripgrep === undefined) throw new Error("ripgrep (rg) is needed on PATH");
  mkdirSync(EDITOR, { recursive: true });
  writeFileSync(join(EDITOR, "package.json"), '{"private":true}');
  const npm = (folder, ...args) => execFileSync("npm", args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  const workbench = join(EDITOR, "node_modules/code-server/lib/vscode");
  npm(EDITOR, "install", ...PLAIN, `code-server@${VERSION}`);
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
  link(ripgrep, join(workbench, "node_modules/@vscode/ripgrep/bin/rg"));
  link("node_modules", join(workbench, "node_modules.asar"));
  link("code-linux.sh", join(workbench, "bin/remote-cli/code-server"));
  link("browser-linux.sh", join(workbench, "bin/helpers/browser.sh"));
  execFileSync(process.execPath, [EDITOR_ENTRY, "--version"], { stdio: "ignore" });
  writeFileSync(join(EDITOR, "installed"), VERSION);
}

function link(target, path) {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}
