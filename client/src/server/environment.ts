/** A private Python environment for the server, made only when a person asks for it. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { setting } from "../settings";
import { run } from "./probe";

const BASES = process.platform === "win32" ? ["py", "python"] : ["python3", "python"];
const IS_FIT = "import sys, venv, ensurepip; assert sys.version_info >= (3, 10), 'older than 3.10'";

/** The environment's Python, if there is one. `storage` is a folder of the extension's own. */
export function environmentPython(storage: string): string | undefined {
  const python = pythonOf(storage);
  return existsSync(python) ? python : undefined;
}

/** Asks, installs with progress that can be cancelled. Whether an environment was made; rejects with what went wrong. */
export async function installEnvironment(storage: string, log: vscode.LogOutputChannel): Promise<boolean> {
  const wanted = setting("package");
  const install = "Install";
  const detail = `A Python environment is made in ${storage}, and pip installs "${wanted}" into it from the package index that pip is configured for. Afterwards nothing is downloaded.`;
  const answer = await vscode.window.showInformationMessage(
    "Install the codekin server in a private environment?",
    { modal: true, detail },
    install,
  );
  if (answer !== install) return false;
  await vscode.workspace.fs.createDirectory(vscode.Uri.file(storage));
  const options = { location: vscode.ProgressLocation.Notification, title: "Codekin", cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    const base = await basePython(storage);
    progress.report({ message: "making the environment…" });
    await step(base, ["-m", "venv", "--clear", join(storage, "env")], storage, log, token);
    progress.report({ message: `installing ${wanted}…` });
    const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", wanted];
    await step(pythonOf(storage), pip, storage, log, token);
    return true;
  });
}

function pythonOf(storage: string): string {
  return join(storage, "env", ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]));
}

async function basePython(cwd: string): Promise<string> {
  const wrong: string[] = [];
  for (const python of BASES) {
    const { error } = await run(python, ["-c", IS_FIT], cwd);
    if (error === undefined) return python;
    wrong.push(`${python}: ${error}`);
  }
  throw new Error(`Python 3.10 or newer with venv is needed on PATH (${wrong.join("; ")}).`);
}

function step(
  command: string,
  args: readonly string[],
  cwd: string,
  log: vscode.LogOutputChannel,
  token: vscode.CancellationToken,
): Promise<void> {
  return new Promise((resolve, reject) => {
    log.info([command, ...args].join(" "));
    const child = spawn(command, args, { cwd, windowsHide: true });
    const cancelling = token.onCancellationRequested(() => child.kill());
    const show = (data: Buffer): void => {
      log.info(data.toString().trimEnd());
    };
    child.stdout.on("data", show);
    child.stderr.on("data", show);
    child.on("error", reject);
    child.on("close", (code) => {
      cancelling.dispose();
      if (token.isCancellationRequested) reject(new vscode.CancellationError());
      else if (code === 0) resolve();
      else reject(new Error(`"${args.slice(0, 2).join(" ")}" failed (exit status ${String(code)}): see the log.`));
    });
  });
}
