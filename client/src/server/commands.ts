/** Commands that control the server and its index. */
import * as vscode from "vscode";
import { registerCommands } from "../commands";
import type { ControlParams } from "../protocol";
import { controlRequest } from "../requests";
import { installEnvironment } from "./environment";
import type { Server } from "./server";

export function registerServerCommands(server: Server): vscode.Disposable {
  return registerCommands({
    pause: () => control(server, "pause"),
    resume: () => control(server, "resume"),
    rebuild: () => control(server, "rebuild"),
    clear: () => clear(server),
    install: () => install(server),
    restart: () => server.restart(),
    showLog: () => {
      server.log.show();
    },
  });
}

const control = (server: Server, action: ControlParams["action"]) => server.request(controlRequest, { action });

async function clear(server: Server): Promise<void> {
  const detail = "The next time you resume indexing or restart the server, all files are embedded again.";
  const answer = await vscode.window.showWarningMessage(
    "Clear the index of this workspace?",
    { modal: true, detail },
    "Clear",
  );
  if (answer === "Clear") await control(server, "clear");
}

async function install(server: Server): Promise<void> {
  if (await installEnvironment(server.storage, server.log)) await server.restart();
}
