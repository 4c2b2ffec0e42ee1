/** Commands that control the server and its index. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { registerCommands } from "../commands";
import type { ControlParams } from "../protocol";
import { controlRequest } from "../requests";
import type { Server } from "./server";

/** Loads the installer, which is rarely needed. */
const installer = () => import("./installer");

export function registerServerCommands(server: Server): vscode.Disposable {
  return registerCommands({
    pause: () => control(server, "pause"),
    resume: () => control(server, "resume"),
    rebuild: () => rebuild(server),
    clear: () => clear(server),
    install: async () => (await installer()).install(server),
    installDeepModel: async () => (await installer()).installDeepModel(server),
    chooseInterpreter: async () => (await installer()).chooseInterpreter(server),
    restart: () => server.restart(),
    showLog: () => {
      server.log.show();
    },
  });
}

const control = (server: Server, action: ControlParams["action"]) => server.request(controlRequest, { action });

async function rebuild(server: Server): Promise<void> {
  const paused = server.state.kind === "running" && server.state.status?.state === "paused";
  const effect = l10n.t(
    "The index is cleared, and all files are embedded again. You can search while indexing is in progress.",
  );
  const detail = paused ? `${l10n.t("Indexing is paused. Rebuilding resumes it.")} ${effect}` : effect;
  const yes = paused ? l10n.t("Rebuild and Resume") : l10n.t("Rebuild");
  const question = l10n.t("Rebuild the index of this workspace?");
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, yes);
  if (answer === yes) await control(server, "rebuild"); // which resumes indexing
}

async function clear(server: Server): Promise<void> {
  const yes = l10n.t("Clear");
  const detail = l10n.t("The next time you resume indexing or restart the server, all files are embedded again.");
  const answer = await vscode.window.showWarningMessage(
    l10n.t("Clear the index of this workspace?"),
    { modal: true, detail },
    yes,
  );
  if (answer === yes) await control(server, "clear");
}
