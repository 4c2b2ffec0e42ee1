/** The private Python environment of the server, which is created only at the user's request. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { setting } from "../settings";
import { run } from "./probe";

const BASES = process.platform === "win32" ? ["py", "python"] : ["python3", "python"];
const CHECK_PYTHON = "import sys, venv, ensurepip; assert sys.version_info >= (3, 10), 'Python is older than 3.10'";

/** Returns the Python of the environment if it exists. `storage` is the extension's own folder. */
export function environmentPython(storage: string): string | undefined {
  const python = pythonOf(storage);
  return existsSync(python) ? python : undefined;
}

/**
 * Asks for confirmation, then creates the environment with progress that can be cancelled. Returns
 * whether it was created, and rejects if a step fails.
 */
export async function installEnvironment(storage: string, log: vscode.LogOutputChannel): Promise<boolean> {
  const requirement = setting("package");
  const install = "Install";
  const detail = `Codekin creates a Python environment in ${storage} and installs "${requirement}" with pip from the configured package index. After that, nothing is downloaded.`;
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
    progress.report({ message: "creating the environment…" });
    await step(base, ["-m", "venv", "--clear", join(storage, "env")], storage, log, token);
    progress.report({ message: `installing ${requirement}…` });
    const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", requirement];
    await step(pythonOf(storage), pip, storage, log, token);
    return true;
  });
}

function pythonOf(storage: string): string {
  return join(storage, "env", ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]));
}

async function basePython(cwd: string): Promise<string> {
  const failures: string[] = [];
  for (const python of BASES) {
    const { error } = await run(python, ["-c", CHECK_PYTHON], cwd);
    if (error === undefined) return python;
    failures.push(`${python}: ${error}`);
  }
  throw new Error(
    `No Python 3.10 or newer with venv was found on PATH (${failures.join("; ")}). Install Python, then try again.`,
  );
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
      else
        reject(
          new Error(
            `"${args.slice(0, 2).join(" ")}" failed with exit status ${String(code)}. The log contains its output.`,
          ),
        );
    });
  });
}
