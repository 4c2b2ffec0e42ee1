/**
 * Tells the editor about the MCP server of each folder, so that chat starts it without configuration.
 * VS Code has the API since 1.101; older versions have none.
 */
import * as vscode from "vscode";
import { textOf } from "../errors";
import { run } from "../server/probe";
import type { Server } from "../server/server";
import { onServerOptions, serverOptions } from "../settings";
import { mcpServers, pythonOfLaunch } from "./definitions";

const PROVIDER = "codekin";

interface Provider {
  onDidChangeMcpServerDefinitions: vscode.Event<void>;
  provideMcpServerDefinitions(): Promise<unknown[]>;
}

/** The part of the API that is newer than the types of the oldest supported version. */
interface NewerApi {
  lm?: { registerMcpServerDefinitionProvider?(id: string, provider: Provider): vscode.Disposable };
  McpStdioServerDefinition?: new (
    label: string,
    command: string,
    args: string[],
    env: Record<string, string>,
  ) => unknown;
}

export function registerMcpServers(server: Server): vscode.Disposable {
  const { lm, McpStdioServerDefinition: Definition } = vscode as unknown as NewerApi;
  if (lm?.registerMcpServerDefinitionProvider === undefined || Definition === undefined)
    return vscode.Disposable.from();
  const register = lm.registerMcpServerDefinitionProvider.bind(lm);
  const changed = new vscode.EventEmitter<void>();
  let kind = server.state.kind;
  const provider: Provider = {
    onDidChangeMcpServerDefinitions: changed.event,
    provideMcpServerDefinitions: async () =>
      (await available(server)).map(({ label, command, args, env }) => new Definition(label, command, args, env)),
  };
  let registered: vscode.Disposable;
  try {
    registered = register(PROVIDER, provider);
  } catch (error) {
    // VS Code 1.100 has the function, but refuses extensions that do not take part in its trial.
    server.log.info(`The MCP server is not offered to chat: ${textOf(error)}`);
    return vscode.Disposable.from(changed);
  }
  return vscode.Disposable.from(
    registered,
    changed,
    server.onState((state) => {
      if (state.kind !== kind) changed.fire();
      kind = state.kind;
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      changed.fire();
    }),
    onServerOptions(() => {
      changed.fire();
    }),
  );
}

/** Returns the servers that can run: the package `mcp` is an extra of codekin. */
async function available(server: Server): Promise<ReturnType<typeof mcpServers>> {
  const { launch } = server;
  if (launch === undefined || server.state.kind !== "running") return [];
  const python = pythonOfLaunch(launch);
  if (python !== undefined) {
    // eslint-disable-next-line codekin/shown-strings -- a program
    const { error } = await run(python.command, [...python.args, "-c", "import mcp"], launch.cwd);
    if (error !== undefined) {
      server.log.info(`The MCP server is not offered to chat (${error}). To fix: run pip install "codekin[mcp]".`);
      return [];
    }
  }
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file");
  const named = folders.map(({ name, uri }) => ({ name, path: uri.fsPath }));
  return mcpServers(launch, named, serverOptions());
}
