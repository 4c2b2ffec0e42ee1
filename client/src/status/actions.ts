/** The menu of the status item. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { Status } from "../protocol";
import { bundledModel, MODEL_MEGABYTES } from "../server/install/wheel";
import type { Server } from "../server/server";
import type { ServerState } from "../server/state";
import { setting } from "../settings";
import { isModelOffered } from "./deep";
import { statusText } from "./text";

interface Action extends vscode.QuickPickItem {
  command?: string;
  argument?: string;
}

export async function showActions(server: Server): Promise<void> {
  const { tooltip } = statusText(server.state);
  const options = { title: "Codekin", placeHolder: tooltip.join("  ·  ") };
  const chosen = await vscode.window.showQuickPick(actionsOf(server), options);
  if (chosen?.command === undefined) return;
  await vscode.commands.executeCommand(chosen.command, ...(chosen.argument === undefined ? [] : [chosen.argument]));
}

function actionsOf({ state, folder }: Server): Action[] {
  return [...(state.kind === "running" ? running(state.status, folder) : notRunning(state)), ...always];
}

function running(status: Status | undefined, folder: string): Action[] {
  const paused = status?.state === "paused";
  return [
    { label: `$(search) ${l10n.t("Search Code")}`, command: "codekin.search" },
    { label: `$(type-hierarchy) ${l10n.t("Show Semantic Map")}`, command: "codekin.map" },
    paused
      ? { label: `$(debug-start) ${l10n.t("Resume Indexing")}`, command: "codekin.resume" }
      : { label: `$(debug-pause) ${l10n.t("Pause Indexing")}`, command: "codekin.pause" },
    { label: `$(sync) ${l10n.t("Rebuild Index…")}`, command: "codekin.rebuild" },
    { label: `$(trash) ${l10n.t("Clear Index…")}`, command: "codekin.clear" },
    {
      label: `$(pulse) ${l10n.t("Show Diagnostic Report")}`,
      description: l10n.t("active components and skipped files, with reasons"),
      command: "codekin.doctor",
    },
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    {
      label: `$(chip) ${l10n.t("Choose Model")}`,
      command: "workbench.action.openSettings",
      argument: "codekin.embedder codekin.deep",
    },
    ...(isModelOffered(status?.deep, setting("deep")) ? [deepModel(folder)] : []),
    {
      label: `$(database) ${l10n.t("Choose Stores")}`,
      command: "workbench.action.openSettings",
      argument: "codekin.vectors codekin.metadata",
    },
  ];
}

/** The size is that of the model in this build of the extension. Without it, the command says what to do. */
function deepModel(folder: string): Action {
  const size = bundledModel(folder) === undefined ? {} : { description: l10n.t("{0} MB", MODEL_MEGABYTES) };
  return { label: `$(cloud-download) ${l10n.t("Install Deep Model…")}`, ...size, command: "codekin.installDeepModel" };
}

function notRunning(state: ServerState): Action[] {
  if (state.kind === "off") return [enable];
  return state.kind === "missing"
    ? [
        { label: `$(cloud-download) ${l10n.t("Install Server in a Private Environment")}`, command: "codekin.install" },
        { label: `$(list-selection) ${l10n.t("Choose Interpreter")}`, command: "codekin.chooseInterpreter" },
      ]
    : [];
}

const enable: Action = {
  label: `$(gear) ${l10n.t("Enable for This Workspace")}`,
  command: "workbench.action.openSettings",
  argument: "codekin.enabled",
};

const always: Action[] = [
  { label: "", kind: vscode.QuickPickItemKind.Separator },
  { label: `$(debug-restart) ${l10n.t("Restart Server")}`, command: "codekin.restart" },
  { label: `$(output) ${l10n.t("Show Log")}`, command: "codekin.showLog" },
  {
    label: `$(settings-gear) ${l10n.t("Open Settings")}`,
    command: "workbench.action.openSettings",
    argument: "@ext:codekin.codekin",
  },
];
