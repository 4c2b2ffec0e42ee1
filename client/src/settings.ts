/** The settings under `codekin.` and when a change of each takes effect. */
import * as vscode from "vscode";
import type { Mode } from "./protocol";
import { allowed } from "./settingValues";

const SECTION = "codekin";

/** Settings of the server, under its own names. The running server accepts changes. */
const SENT_IF_SET = [
  "include",
  "exclude",
  "maxFileBytes",
  "codeLens",
  "history",
  "historyCommits",
  "historyDays",
  "watch",
  "reconcileIntervalS",
  "place",
  "embedder",
  "deep",
  "deepBudget",
  "allowDownloads",
  "metadata",
  "vectors",
  "dualWrite",
  "compare",
  "home",
] as const;

/**
 * Settings of the server that are always sent, because the extension's default differs: the
 * server's is for clients that do not ask for confirmation.
 */
const ALWAYS_SENT = ["confirmAboveFiles"] as const;

/**
 * Settings that select the server. A change restarts it. All other settings are read on each use.
 */
const RESTARTS_SERVER = ["enabled", "path", "interpreter"] as const;

/** The settings that the client reads, with their types in the manifest. */
interface Values {
  enabled: boolean;
  "search.limit": number;
  "search.mode": Mode;
  "search.debounceMs": number;
  "related.follow": boolean;
  "related.limit": number;
  "results.limit": number;
  "hover.enabled": boolean;
  path: string;
  interpreter: string;
  package: string;
  "trace.server": string;
}

const section = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration(SECTION);

/**
 * Returns the value of a setting. A value that the manifest does not allow is replaced by the
 * nearest number or by the default.
 */
export function setting<Name extends keyof Values>(name: Name): Values[Name] {
  const value: unknown = section().get(name);
  return allowed(name, value, section().inspect(name)?.defaultValue) as Values[Name];
}

/**
 * Returns the settings to send to the server. A setting without a user value is omitted, so that
 * the server's environment or its default applies.
 */
export function serverOptions(): Record<string, unknown> {
  const config = section();
  const sent = [...SENT_IF_SET.filter((name) => isSet(config, name)), ...ALWAYS_SENT];
  return Object.fromEntries(sent.map((name) => [name, config.get(name)]));
}

function isSet(config: vscode.WorkspaceConfiguration, name: string): boolean {
  const found = config.inspect(name);
  return (
    found?.globalValue !== undefined || found?.workspaceValue !== undefined || found?.workspaceFolderValue !== undefined
  );
}

/** Calls the functions that a change of the settings requires, once for each change. */
export function onSettingsChanged(react: {
  restart: () => void;
  configure: () => void;
  trace: () => void;
}): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    const touches = (name: string): boolean => event.affectsConfiguration(`${SECTION}.${name}`);
    if (RESTARTS_SERVER.some(touches)) react.restart();
    else if ([...SENT_IF_SET, ...ALWAYS_SENT].some(touches)) react.configure();
    if (touches("trace.server")) react.trace();
  });
}
