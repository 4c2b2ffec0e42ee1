/**
 * The status item, the context key for menus, and the message that is shown once when the server is
 * missing or has failed.
 */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { registerCommands } from "../commands";
import type { Server } from "../server/server";
import type { ServerState } from "../server/state";
import { showActions } from "./actions";
import { statusText } from "./text";

const BACKGROUNDS = {
  plain: undefined,
  warning: new vscode.ThemeColor("statusBarItem.warningBackground"),
  error: new vscode.ThemeColor("statusBarItem.errorBackground"),
};

const LOG = "codekin.showLog";

export function registerStatus(server: Server): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("status", vscode.StatusBarAlignment.Right, 90);
  item.name = "Codekin";
  item.command = "codekin.actions";
  const show = (state: ServerState): void => {
    const { text, tooltip, severity } = statusText(state);
    item.text = text;
    item.tooltip = ["Codekin", ...tooltip].join("\n");
    item.backgroundColor = BACKGROUNDS[severity];
    item.accessibilityInformation = { label: l10n.t("Codekin: {0}", tooltip.join(", ")) };
    void vscode.commands.executeCommand("setContext", "codekin.state", state.kind);
  };
  let kind = server.state.kind;
  show(server.state);
  item.show();
  return vscode.Disposable.from(
    item,
    registerCommands({ actions: () => showActions(server) }),
    server.onState((state) => {
      show(state);
      if (state.kind !== kind) void notify(state);
      kind = state.kind;
    }),
  );
}

const NOTIFICATIONS = {
  missing: {
    [l10n.t("Install…")]: ["codekin.install"],
    [l10n.t("Choose Interpreter")]: ["codekin.chooseInterpreter"],
    [l10n.t("Show Log")]: [LOG],
  },
  stopped: { [l10n.t("Restart Server")]: ["codekin.restart"], [l10n.t("Show Log")]: [LOG] },
} as const;

async function notify(state: ServerState): Promise<void> {
  if (state.kind !== "missing" && state.kind !== "stopped") return;
  const actions: Readonly<Record<string, readonly [string, string?]>> = NOTIFICATIONS[state.kind];
  const chosen = await vscode.window.showWarningMessage(l10n.t("Codekin: {0}", state.reason), ...Object.keys(actions));
  const action = chosen === undefined ? undefined : actions[chosen];
  if (action) await vscode.commands.executeCommand(...action);
}
