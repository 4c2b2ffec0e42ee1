/** The settings under `codekin.`, each with the moment at which a change of it takes effect. */
import * as vscode from "vscode";
import type { Mode } from "./protocol";

const SECTION = "codekin";

/** The server takes these while it runs; their names are its own. */
const FOR_SERVER = [
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

/** The server's own default is for clients that do not ask a person: the extension's is sent always. */
const ALWAYS_SENT = ["confirmAboveFiles"] as const;

/** These choose the server: it is started again. All others are read each time they are needed. */
const OF_SERVER = ["enabled", "path", "interpreter"] as const;

/** The settings that the client itself reads, with the types that the manifest gives them. */
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

/** A setting of the manifest, which has a default for each. */
export function setting<Name extends keyof Values>(name: Name): Values[Name] {
  return section().get(name) as Values[Name];
}

/** What somebody has set; what nobody has is the server's own default, or its environment's. */
export function serverOptions(): Record<string, unknown> {
  const config = section();
  const sent = [...FOR_SERVER.filter((name) => isSet(config, name)), ...ALWAYS_SENT];
  return Object.fromEntries(sent.map((name) => [name, config.get(name)]));
}

function isSet(config: vscode.WorkspaceConfiguration, name: string): boolean {
  const found = config.inspect(name);
  return (
    found?.globalValue !== undefined || found?.workspaceValue !== undefined || found?.workspaceFolderValue !== undefined
  );
}

/** Calls back once for each change, with what it asks for. */
export function onSettingsChanged(react: {
  restart: () => void;
  configure: () => void;
  trace: () => void;
}): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    const touches = (name: string): boolean => event.affectsConfiguration(`${SECTION}.${name}`);
    if (OF_SERVER.some(touches)) react.restart();
    else if ([...FOR_SERVER, ...ALWAYS_SENT].some(touches)) react.configure();
    if (touches("trace.server")) react.trace();
  });
}
