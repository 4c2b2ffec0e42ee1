/** The settings under `codekin.` and when a change of each takes effect. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { Mode } from "./protocol";
import { expected, problem, type Schema } from "./settingValues";

const SECTION = "codekin";
const EXTENSION = "codekin.codekin";

/** Settings of the server, under its own names. The running server accepts changes. */
const SENT_IF_SET = [
  "include",
  "exclude",
  "maxFileBytes",
  "codeLens",
  "duplicatesThreshold",
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

const SENT: readonly string[] = [...SENT_IF_SET, ...ALWAYS_SENT];
const OPEN_SETTINGS = l10n.t("Open Settings");

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
  "results.perFile": number;
  "hover.enabled": boolean;
  path: string;
  interpreter: string;
  package: string;
  deep: string;
  "trace.server": string;
}

const section = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration(SECTION);

/** Returns the value of a setting. A value that the manifest does not allow is replaced by the default. */
export function setting<Name extends keyof Values>(name: Name): Values[Name] {
  const value: unknown = section().get(name);
  const schema = schemas()[`${SECTION}.${name}`];
  return (schema !== undefined && expected(schema, value) !== undefined ? schema.default : value) as Values[Name];
}

/** Returns the schema of each setting by its full name. */
function schemas(): Readonly<Record<string, Schema>> {
  const manifest = vscode.extensions.getExtension(EXTENSION)?.packageJSON as {
    contributes: { configuration: { properties: Record<string, Schema> }[] };
  };
  return Object.assign({}, ...manifest.contributes.configuration.map(({ properties }) => properties)) as Record<
    string,
    Schema
  >;
}

/**
 * Warns about each setting of the client whose value is not allowed, once for each value. The server
 * warns about its own.
 */
export function warnOfSettings(): vscode.Disposable {
  let known: ReadonlyMap<string, string> = new Map();
  const check = (): void => {
    const problems = ownProblems();
    for (const [name, text] of problems) if (known.get(name) !== text) void warn(name, text);
    known = problems;
  };
  check();
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(SECTION)) check();
  });
}

/** Returns a sentence for each setting of the client whose value is not allowed, by its name. */
function ownProblems(): Map<string, string> {
  const problems = new Map<string, string>();
  for (const [name, schema] of Object.entries(schemas())) {
    const own = name.slice(SECTION.length + 1);
    const text = SENT.includes(own) ? undefined : problem(name, schema, section().get(own));
    if (text !== undefined) problems.set(name, text);
  }
  return problems;
}

async function warn(name: string, text: string): Promise<void> {
  const pressed = await vscode.window.showWarningMessage(l10n.t("Codekin: {0}", text), OPEN_SETTINGS);
  if (pressed !== undefined) await vscode.commands.executeCommand("workbench.action.openSettings", name);
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

/** Calls `react` when a setting that the server gets has changed. */
export function onServerOptions(react: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (SENT.some((name) => event.affectsConfiguration(`${SECTION}.${name}`))) react();
  });
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
    else if (SENT.some(touches)) react.configure();
    if (touches("trace.server")) react.trace();
  });
}
