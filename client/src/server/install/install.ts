/**
 * Installs the server in a private environment, at the user's request. Each failure offers its next
 * step.
 */
import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { setting } from "../../settings";
import { environmentPython, hasDeepModel } from "../environment";
import type { Interpreter } from "../probe";
import type { Server } from "../server";
import { createEnvironment, hasUv } from "./create";
import { installModelAgain } from "./deepCommand";
import { NO_PYTHON, NO_WHEEL, NOT_WRITABLE } from "./failures";
import { offeringSteps } from "./offer";
import { withProgress } from "./progress";
import { bestBase, candidates, inspectAll, nameOf, suitability } from "./pythons";
import { bundledWheel } from "./wheel";

/** `chosen` is the Python that the user has selected for the environment. */
export async function install(server: Server, chosen?: Interpreter): Promise<void> {
  const work = async (): Promise<void> => {
    const hadModel = hasDeepModel(server.storage);
    if (!(await attempt(server, chosen))) return;
    await useEnvironment();
    await server.restart();
    if (hadModel) await installModelAgain(server);
  };
  await offeringSteps(server.log, work, () => install(server, chosen));
}

/** Removes the user's settings that name another program, which would take precedence. */
async function useEnvironment(): Promise<void> {
  const section = vscode.workspace.getConfiguration("codekin");
  for (const name of ["path", "interpreter"])
    if (section.inspect(name)?.globalValue) await section.update(name, undefined, vscode.ConfigurationTarget.Global);
}

/** Returns whether the environment was created. */
async function attempt(server: Server, chosen?: Interpreter): Promise<boolean> {
  const { folder, storage } = server;
  const requirement = setting("package").trim() || bundledWheel(folder);
  if (requirement === undefined) throw NO_WHEEL();
  await checkWritable(storage);
  const uv = await hasUv(folder);
  const base = chosen ?? (await findBase(folder, uv));
  if (!(await confirmed(base, storage, requirement))) return false;
  const plan = { base, requirement, storage, hasUv: uv };
  await replacing(server, () =>
    withProgress(server, "server", (around, report) => createEnvironment(plan, around, report)),
  );
  return true;
}

/** Runs the installation. If there is an environment, the server must not run from it meanwhile. */
async function replacing(server: Server, installation: () => Promise<void>): Promise<void> {
  const hadEnvironment = environmentPython(server.storage) !== undefined;
  if (hadEnvironment) await server.stopToInstall();
  try {
    await installation();
  } catch (error) {
    if (hadEnvironment) await server.restart(); // from another Python, if one has codekin
    throw error;
  }
}

async function checkWritable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch {
    throw NOT_WRITABLE(folder);
  }
}

async function findBase(cwd: string, uv: boolean): Promise<Interpreter> {
  const found = await inspectAll(candidates([]), cwd);
  const base = bestBase(found, uv);
  if (base === undefined)
    throw NO_PYTHON(
      found.map((python) => `${nameOf(python)} (${String(python.executable)}): ${suitability(python, uv)}`),
    );
  return base;
}

async function confirmed(base: Interpreter, storage: string, requirement: string): Promise<boolean> {
  const source = setting("package").trim() ? `"${requirement}"` : l10n.t("the server that is part of this extension");
  const detail = l10n.t(
    "Codekin creates a Python environment in {0} from {1} ({2}) and installs {3} in it. The packages that it requires come from the package index that pip is configured for. After that, nothing is downloaded.",
    storage,
    String(base.executable),
    nameOf(base),
    source,
  );
  const [yes, other] = [l10n.t("Install"), l10n.t("Choose Another Python…")];
  const question = l10n.t("Install the codekin server in a private environment?");
  const answer = await vscode.window.showInformationMessage(question, { modal: true, detail }, yes, other);
  if (answer === other) await vscode.commands.executeCommand("codekin.chooseInterpreter");
  return answer === yes;
}
