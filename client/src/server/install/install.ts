/**
 * Installs the server in a private environment, at the user's request. Each failure offers its next
 * step.
 */
import { mkdir } from "node:fs/promises";
import * as vscode from "vscode";
import { setting } from "../../settings";
import { environmentPython } from "../environment";
import type { Interpreter } from "../probe";
import type { Server } from "../server";
import { createEnvironment, hasUv } from "./create";
import { failureOf, InstallFailure, NO_PYTHON, NO_WHEEL, type NextStep } from "./failures";
import { bestBase, candidates, inspectAll, suitability } from "./pythons";
import { bundledWheel } from "./wheel";

const STEPS: Readonly<Record<NextStep, { label: string; command: readonly [string, ...unknown[]] }>> = {
  chooseInterpreter: { label: "Choose Interpreter", command: ["codekin.chooseInterpreter"] },
  getPython: {
    label: "Get Python",
    command: ["vscode.open", vscode.Uri.parse("https://www.python.org/downloads/")],
  },
  openProxySettings: { label: "Open Proxy Settings", command: ["workbench.action.openSettings", "http.proxy"] },
  openPackageSetting: { label: "Open Settings", command: ["workbench.action.openSettings", "codekin.package"] },
  retry: { label: "Try Again", command: ["codekin.install"] },
  showLog: { label: "Show Log", command: ["codekin.showLog"] },
};

/** `chosen` is the Python that the user has selected for the environment. */
export async function install(server: Server, extensionFolder: string, chosen?: Interpreter): Promise<void> {
  try {
    if (!(await attempt(server, extensionFolder, chosen))) return;
    await useEnvironment();
    await server.restart();
  } catch (error) {
    if (error instanceof vscode.CancellationError) return;
    if (!(error instanceof InstallFailure)) throw error;
    server.log.error(error.message);
    await offer(error);
  }
}

/** Removes the user's settings that name another program, which would take precedence. */
async function useEnvironment(): Promise<void> {
  const section = vscode.workspace.getConfiguration("codekin");
  for (const name of ["path", "interpreter"])
    if (section.inspect(name)?.globalValue) await section.update(name, undefined, vscode.ConfigurationTarget.Global);
}

async function offer({ message, steps }: InstallFailure): Promise<void> {
  const labels = steps.map((step) => STEPS[step].label);
  const answer = await vscode.window.showErrorMessage(message, ...labels);
  const next = steps.find((step) => STEPS[step].label === answer);
  if (next) await vscode.commands.executeCommand(...STEPS[next].command);
}

/** Returns whether the environment was created. */
async function attempt(server: Server, extensionFolder: string, chosen?: Interpreter): Promise<boolean> {
  const { storage, log } = server;
  const requirement = setting("package").trim() || bundledWheel(extensionFolder);
  if (requirement === undefined) throw NO_WHEEL();
  await mkdir(storage, { recursive: true }).catch((error: unknown) => {
    throw failureOf(String(error), String(error));
  });
  const uv = await hasUv(storage);
  const base = chosen ?? (await findBase(storage, uv));
  if (!(await confirmed(base, storage, requirement))) return false;
  // The server must not run from an environment that is replaced.
  if (environmentPython(storage)) await server.stop();
  const options = { location: vscode.ProgressLocation.Notification, title: "Installing Codekin", cancellable: true };
  await vscode.window.withProgress(options, (progress, token) => {
    const controller = new AbortController();
    token.onCancellationRequested(() => controller.abort(new vscode.CancellationError()));
    const around = {
      cwd: storage,
      log: (text: string) => log.info(text),
      signal: controller.signal,
      variables: proxyVariables(),
    };
    const plan = { base, requirement, storage, hasUv: uv };
    return createEnvironment(plan, around, (message) => progress.report({ message }));
  });
  return true;
}

async function findBase(storage: string, uv: boolean): Promise<Interpreter> {
  const found = await inspectAll(candidates([]), storage);
  const base = bestBase(found, uv);
  if (base === undefined)
    throw NO_PYTHON(found.map((python) => `${python.program} is ${suitability(python, uv)}`.replace("is has", "has")));
  return base;
}

async function confirmed(base: Interpreter, storage: string, requirement: string): Promise<boolean> {
  const source = setting("package").trim() ? `"${requirement}"` : "the server that is part of this extension";
  const detail = `Codekin creates a Python environment in ${storage} from ${String(base.executable)} (Python ${String(base.version?.join("."))}) and installs ${source} in it. The packages that it requires come from the package index that pip is configured for. After that, nothing is downloaded.`;
  const [yes, other] = ["Install", "Choose Another Python…"];
  const question = "Install the codekin server in a private environment?";
  const answer = await vscode.window.showInformationMessage(question, { modal: true, detail }, yes, other);
  if (answer === other) await vscode.commands.executeCommand("codekin.chooseInterpreter");
  return answer === yes;
}

/** Returns the editor's proxy for pip and uv, unless the environment has its own. */
function proxyVariables(): NodeJS.ProcessEnv {
  const proxy = vscode.workspace.getConfiguration("http").get<string>("proxy", "");
  const has = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].some((name) => process.env[name]);
  return proxy && !has ? { HTTPS_PROXY: proxy, HTTP_PROXY: proxy } : {};
}
