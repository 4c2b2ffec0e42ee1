/**
 * A language client for one server process. The caller decides what to do when the process ends.
 */
import * as vscode from "vscode";
import {
  CloseAction,
  DidChangeConfigurationNotification,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  Trace,
  type LanguageClientOptions,
  type Middleware,
} from "vscode-languageclient/node";
import { serverOptions, setting } from "../settings";
import type { Launch } from "./probe";
import { withoutRepeated } from "./symbols";

/** Creates a client. `closed` is called when the process ends unexpectedly. */
export function makeClient(launch: Launch, log: vscode.LogOutputChannel, closed: () => void): LanguageClient {
  const options: LanguageClientOptions = {
    documentSelector: [{ scheme: "file" }],
    initializationOptions: serverOptions(),
    outputChannel: log,
    traceOutputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    progressOnInitialization: false,
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        closed();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
    middleware,
  };
  const { command, args, cwd } = launch;
  return new QuietClient("codekin", "Codekin", { command, args, options: { cwd } }, options);
}

/** Sends the settings to the running server. */
export function sendSettings(client: LanguageClient): Promise<void> {
  const settings = { codekin: serverOptions() };
  return client.sendNotification(DidChangeConfigurationNotification.type, { settings });
}

export function applyTrace(client: LanguageClient): Promise<void> {
  return client.setTrace(Trace.fromString(setting("trace.server")));
}

/** Logs errors without showing them, because the status item shows the state of the server. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

const middleware: Middleware = {
  // The extension shows progress from the server's status instead.
  handleWorkDoneProgress: () => undefined,
  provideHover: (document, position, token, next) =>
    setting("hover.enabled") ? next(document, position, token) : undefined,
  provideWorkspaceSymbols: (query, token, next) => withoutRepeated(query, () => next(query, token)),
  // The server offers its action everywhere, which would show a light bulb at every line.
  provideCodeActions: (document, range, context, token, next) =>
    range.isEmpty && context.triggerKind === vscode.CodeActionTriggerKind.Automatic
      ? undefined
      : next(document, range, context, token),
};
