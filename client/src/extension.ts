/** The entry point: creates the parts, connects them and owns their lifetimes. */
import * as vscode from "vscode";
import { registerMcpServers } from "./agents/mcp";
import { registerAgentTools } from "./agents/tools";
import { registerDuplicates } from "./duplicates/commands";
import { useLanguage } from "./language";
import { registerMap } from "./map/commands";
import { registerPast } from "./past";
import { registerRelated } from "./related/commands";
import { registerResults } from "./results/commands";
import { registerSearch } from "./search/commands";
import { SearchMemory } from "./search/memory";
import { Server } from "./server/server";
import { onSettingsChanged, warnOfSettings } from "./settings";
import { registerServerCommands } from "./server/commands";
import { registerReport } from "./server/report";
import { registerConsent } from "./status/consent";
import { registerFirstIndex } from "./status/firstIndex";
import { registerStatus } from "./status/item";
import { registerTerminalLinks } from "./terminal/links";

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  useLanguage(vscode.env.language);
  const log = vscode.window.createOutputChannel("Codekin", { log: true });
  const own = new Server(context.extensionUri.fsPath, context.globalStorageUri.fsPath, log);
  server = own;
  const restart = (): void => {
    void own.restart();
  };
  const memory = new SearchMemory(context.workspaceState);
  context.subscriptions.push(
    log,
    own,
    registerStatus(own),
    registerFirstIndex(own),
    registerConsent(own),
    registerSearch(own, memory),
    registerRelated(own),
    registerDuplicates(own),
    registerResults(own, memory, context.workspaceState),
    registerPast(own),
    registerMap(own, context.extensionUri),
    registerAgentTools(own),
    registerMcpServers(own),
    registerTerminalLinks(),
    registerServerCommands(own),
    registerReport(own),
    warnOfSettings(),
    onSettingsChanged({
      restart,
      configure: () => void own.configure(),
      trace: () => void own.applyTrace(),
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      if (own.state.kind === "idle") restart();
    }),
  );
  // Not awaited, so that the editor is usable at once. The palette shows that the server is
  // starting.
  restart();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
