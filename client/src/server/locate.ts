/**
 * Finds a program that can run the server. If a setting names a program, only that program is
 * tried. Otherwise the first of these that has codekin is used: the private environment, the
 * interpreter selected in the Python extension, and the programs on PATH.
 */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { setting } from "../settings";
import { environmentPython } from "./environment";
import { probeCommand, probePython, type Verdict } from "./probe";

interface PythonExtension {
  environments: { getActiveEnvironmentPath(resource?: vscode.Uri): { path: string } };
}

const NAMES = process.platform === "win32" ? ["python", "py"] : ["python3", "python"];

/** `tried` describes the programs that were checked, in order. */
export interface Located {
  verdict: Verdict;
  tried: string[];
}

/** Finds the program. Programs are checked in `cwd`. `storage` is the folder of the environment. */
export async function locate(cwd: string, storage: string): Promise<Located> {
  const command = setting("path").trim();
  if (command) return named("codekin.path", await probeCommand(command, cwd));
  const interpreter = setting("interpreter").trim();
  if (interpreter) return named("codekin.interpreter", await probePython(interpreter, cwd));
  return search(cwd, storage);
}

function named(name: string, verdict: Verdict): Located {
  if (verdict.launch) return { verdict, tried: [verdict.text] };
  const text = l10n.t(
    "The setting {0} does not name a usable program: {1}. Correct or remove the setting.",
    name,
    verdict.text,
  );
  return { verdict: { ...verdict, text }, tried: [verdict.text] };
}

async function search(cwd: string, storage: string): Promise<Located> {
  const tried: string[] = [];
  for (const python of await pythons(storage)) {
    const verdict = await probePython(python, cwd);
    tried.push(verdict.text);
    if (verdict.launch) return { verdict, tried };
  }
  const command = await probeCommand("codekin", cwd);
  tried.push(command.text);
  if (command.launch) return { verdict: command, tried };
  const text = l10n.t("The codekin server is not installed. Install it, or choose a Python that has codekin.");
  return { verdict: { launch: undefined, text }, tried };
}

async function pythons(storage: string): Promise<string[]> {
  const selected = await selectedInPythonExtension();
  return [environmentPython(storage), selected, ...NAMES].filter((python) => python !== undefined);
}

/**
 * Returns undefined in an untrusted workspace, because the workspace may have selected the
 * interpreter.
 */
export async function selectedInPythonExtension(): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension<PythonExtension>("ms-python.python");
  if (extension === undefined || !vscode.workspace.isTrusted) return undefined;
  const api = await extension.activate();
  const path = api.environments.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri).path;
  return path === "" || path === "python" ? undefined : path;
}
