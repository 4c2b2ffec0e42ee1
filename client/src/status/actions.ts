/** What a click on the status item offers. */
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
    { label: "$(search) Search code", command: "codekin.search" },
    { label: "$(type-hierarchy) Show semantic map", command: "codekin.map" },
    paused
      ? { label: "$(debug-start) Resume indexing", command: "codekin.resume" }
      : { label: "$(debug-pause) Pause indexing", command: "codekin.pause" },
    { label: "$(sync) Rebuild index", description: "empties it first", command: "codekin.rebuild" },
    { label: "$(trash) Clear index", command: "codekin.clear" },
    {
      label: "$(pulse) Show report",
      description: "what is active and why, what is left out and why",
      command: "codekin.doctor",
    },
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    {
      label: "$(chip) Choose model",
      command: "workbench.action.openSettings",
      argument: "codekin.embedder codekin.deep",
    },
    {
      label: "$(database) Choose stores",
      command: "workbench.action.openSettings",
      argument: "codekin.vectors codekin.metadata",
    },
  ];
}

function notRunning(state: ServerState): Action[] {
  if (state.kind === "off") return [switchOn];
  return state.kind === "missing"
    ? [{ label: "$(cloud-download) Install the server in a private environment", command: "codekin.install" }]
    : [];
}

const switchOn: Action = {
  label: "$(gear) Switch on for this workspace",
  command: "workbench.action.openSettings",
  argument: "codekin.enabled",
};

const always: Action[] = [
  { label: "", kind: vscode.QuickPickItemKind.Separator },
  { label: "$(debug-restart) Restart server", command: "codekin.restart" },
  { label: "$(output) Show log", command: "codekin.showLog" },
  { label: "$(settings-gear) Settings", command: "workbench.action.openSettings", argument: "@ext:codekin.codekin" },
];
