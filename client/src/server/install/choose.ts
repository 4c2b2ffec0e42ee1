/**
 * Lists the Pythons of this machine and uses the one that the user chooses: with codekin as the
 * interpreter, otherwise as the base of the private environment. It also works in remote windows,
 * where the settings editor hides settings of the remote machine.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { environmentPython } from "../environment";
import { selectedInPythonExtension } from "../locate";
import { inspectPython, type Interpreter } from "../probe";
import type { Server } from "../server";
import { hasUv } from "./create";
import { install } from "./install";
import { NOT_USABLE } from "./failures";
import { offeringSteps } from "./offer";
import { candidates, inspectAll, nameOf, suitability } from "./pythons";

interface Choice extends vscode.QuickPickItem {
  python?: Interpreter;
  run?: () => Promise<string | undefined>;
}

export function chooseInterpreter(server: Server): Promise<void> {
  return offeringSteps(
    server.log,
    () => choose(server),
    () => chooseInterpreter(server),
  );
}

async function choose(server: Server): Promise<void> {
  const { folder, storage } = server;
  const uv = await hasUv(folder);
  const choice = await vscode.window.showQuickPick(choices(server, uv), {
    title: l10n.t("Choose the Python for Codekin"),
    placeHolder: l10n.t("A Python with codekin is used as it is. With another, a private environment is created."),
    matchOnDescription: true,
  });
  const path = await choice?.run?.();
  const python = choice?.python ?? (path ? await inspectPython(path, folder) : undefined);
  if (python === undefined) return;
  if (python.executable === undefined) throw NOT_USABLE(String(python.error));
  if (python.codekin !== undefined) await useInterpreter(python.executable, storage);
  else if (python.supported && (python.hasVenv || uv)) await install(server, python);
  else throw NOT_USABLE(`${nameOf(python)} (${python.executable}): ${suitability(python, uv)}`);
}

/**
 * Sets the interpreter in the settings of the machine that the server runs on. The private
 * environment needs no setting.
 */
async function useInterpreter(path: string, storage: string): Promise<void> {
  const section = vscode.workspace.getConfiguration("codekin");
  const value = path === environmentPython(storage) ? undefined : path;
  await section.update("interpreter", value, vscode.ConfigurationTarget.Global);
}

async function choices({ folder, storage }: Server, uv: boolean): Promise<Choice[]> {
  const own = environmentPython(storage);
  const preferred = [own, await selectedInPythonExtension(), ...ofWorkspace()].filter((path) => path !== undefined);
  const found = await inspectAll(candidates(preferred), folder);
  const rank = ({ codekin, supported }: Interpreter): number => (codekin !== undefined ? 0 : supported ? 1 : 2);
  const rows = found
    .sort((one, other) => rank(one) - rank(other))
    .map((python) => ({
      label: nameOf(python),
      description: String(python.executable),
      detail: [suitability(python, uv), ...(python.executable === own ? [l10n.t("private environment")] : [])].join(
        ", ",
      ),
      iconPath: new vscode.ThemeIcon(["check", "cloud-download", "circle-slash"][rank(python)] ?? "circle"),
      python,
    }));
  return [
    ...rows,
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    { label: l10n.t("Enter Path…"), iconPath: new vscode.ThemeIcon("edit"), run: enterPath },
    { label: l10n.t("Browse…"), iconPath: new vscode.ThemeIcon("folder-opened"), run: browse },
  ];
}

/** Environments in the folders of a trusted workspace. */
function ofWorkspace(): string[] {
  if (!vscode.workspace.isTrusted) return [];
  const inside = process.platform === "win32" ? "Scripts/python.exe" : "bin/python";
  return (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === "file")
    .flatMap(({ uri }) => [".venv", "venv"].map((name) => join(uri.fsPath, name, inside)))
    .filter(existsSync);
}

async function enterPath(): Promise<string | undefined> {
  return vscode.window.showInputBox({ prompt: l10n.t("Absolute path of a Python interpreter"), ignoreFocusOut: true });
}

async function browse(): Promise<string | undefined> {
  const [uri] = (await vscode.window.showOpenDialog({ title: l10n.t("Python Interpreter") })) ?? [];
  return uri?.fsPath;
}
