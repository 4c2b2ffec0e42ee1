/**
 * Finds what runs the server. A setting that names a program is final: where it does not work, that is said, and nothing
 * else is tried. Otherwise the first that has codekin: the private environment, the Python extension's choice, PATH.
 */
import * as vscode from "vscode";
import { setting } from "../settings";
import { environmentPython } from "./environment";
import { probeCommand, probePython, type Verdict } from "./probe";

interface PythonExtension {
  environments: { getActiveEnvironmentPath(resource?: vscode.Uri): { path: string } };
}

const NAMES = process.platform === "win32" ? ["python", "py"] : ["python3", "python"];

/** `tried` are the verdicts on all that was asked, in order. */
export interface Located {
  verdict: Verdict;
  tried: string[];
}

/** `cwd` is a folder of the extension's own. */
export async function locate(cwd: string): Promise<Located> {
  const command = setting("path").trim();
  if (command) return named("codekin.path", await probeCommand(command, cwd));
  const interpreter = setting("interpreter").trim();
  if (interpreter) return named("codekin.interpreter", await probePython(interpreter, cwd));
  return search(cwd);
}

function named(name: string, verdict: Verdict): Located {
  if (verdict.launch) return { verdict, tried: [verdict.text] };
  const text = `The setting ${name} does not work: ${verdict.text}.`;
  return { verdict: { ...verdict, text }, tried: [verdict.text] };
}

async function search(cwd: string): Promise<Located> {
  const tried: string[] = [];
  for (const python of await pythons(cwd)) {
    const verdict = await probePython(python, cwd);
    tried.push(verdict.text);
    if (verdict.launch) return { verdict, tried };
  }
  const command = await probeCommand("codekin", cwd);
  tried.push(command.text);
  if (command.launch) return { verdict: command, tried };
  const text = "The codekin server is not installed for any Python that was found.";
  return { verdict: { launch: undefined, text }, tried };
}

async function pythons(cwd: string): Promise<string[]> {
  const chosen = await chosenByPythonExtension();
  return [environmentPython(cwd), chosen, ...NAMES].filter((python) => python !== undefined);
}

/** None in an untrusted workspace: the workspace may have chosen it. */
async function chosenByPythonExtension(): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension<PythonExtension>("ms-python.python");
  if (extension === undefined || !vscode.workspace.isTrusted) return undefined;
  const api = await extension.activate();
  const path = api.environments.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri).path;
  return path === "" || path === "python" ? undefined : path;
}
