/** The menu of the status item. */
import * as vscode from "vscode";
import type { Server } from "../server/server";
import type { ServerState } from "../server/state";
import { statusText } from "./text";

interface Action extends vscode.QuickPickItem {
  command?: string;
  argument?: string;
}

export async function showActions(server: Server): Promise<void> {
  const { tooltip } = statusText(server.state);
  const options = { title: "Codekin", placeHolder: tooltip.join("  ·  ") };
  const chosen = await vscode.window.showQuickPick(actionsOf(server.state), options);
  if (chosen?.command === undefined) return;
  await vscode.commands.executeCommand(chosen.command, ...(chosen.argument === undefined ? [] : [chosen.argument]));
}

function actionsOf(state: ServerState): Action[] {
  return [...(state.kind === "running" ? running(state.status?.state === "paused") : notRunning(state)), ...always];
}

function running(paused: boolean): Action[] {
  return [
    { label: "$(search) Search Code", command: "codekin.search" },
    { label: "$(type-hierarchy) Show Semantic Map", command: "codekin.map" },
    paused
      ? { label: "$(debug-start) Resume Indexing", command: "codekin.resume" }
      : { label: "$(debug-pause) Pause Indexing", command: "codekin.pause" },
    { label: "$(sync) Rebuild Index…", command: "codekin.rebuild" },
    { label: "$(trash) Clear Index…", command: "codekin.clear" },
    {
      label: "$(pulse) Show Diagnostic Report",
      description: "active components and skipped files, with reasons",
      command: "codekin.doctor",
    },
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    {
      label: "$(chip) Choose Model",
      command: "workbench.action.openSettings",
      argument: "codekin.embedder codekin.deep",
    },
    {
      label: "$(database) Choose Stores",
      command: "workbench.action.openSettings",
      argument: "codekin.vectors codekin.metadata",
    },
  ];
}

function notRunning(state: ServerState): Action[] {
  if (state.kind === "off") return [enable];
  return state.kind === "missing"
    ? [
        { label: "$(cloud-download) Install Server in a Private Environment", command: "codekin.install" },
        { label: "$(list-selection) Choose Interpreter", command: "codekin.chooseInterpreter" },
      ]
    : [];
}

const enable: Action = {
  label: "$(gear) Enable for This Workspace",
  command: "workbench.action.openSettings",
  argument: "codekin.enabled",
};

const always: Action[] = [
  { label: "", kind: vscode.QuickPickItemKind.Separator },
  { label: "$(debug-restart) Restart Server", command: "codekin.restart" },
  { label: "$(output) Show Log", command: "codekin.showLog" },
  {
    label: "$(settings-gear) Open Settings",
    command: "workbench.action.openSettings",
    argument: "@ext:codekin.codekin",
  },
];
