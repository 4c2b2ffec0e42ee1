/**
 * Links of terminals to places that the terminal cannot find itself: it looks only below its folder,
 * but frames name files without folders, or with those of a container or a build.
 */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { globOf, placesIn, suffixesOf, type Place } from "./places";

/** `uri` is undefined if several files have the name. */
type Link = vscode.TerminalLink & { place: Place; uri: vscode.Uri | undefined };

const MAX_KNOWN = 200;

export function registerTerminalLinks(): vscode.Disposable {
  const known = new Map<string, Promise<readonly vscode.Uri[]>>();
  const forget = vscode.workspace.createFileSystemWatcher("**/*", false, true, false);
  const clear = (): void => {
    known.clear();
  };
  const provider: vscode.TerminalLinkProvider<Link> = {
    provideTerminalLinks: async ({ line }, token) => {
      const found = await Promise.all(placesIn(line).map(async (place) => linkTo(place, await filesOf(place, known))));
      return token.isCancellationRequested ? [] : found.filter((link) => link !== undefined);
    },
    handleTerminalLink: open,
  };
  return vscode.Disposable.from(
    vscode.window.registerTerminalLinkProvider(provider),
    forget,
    forget.onDidCreate(clear),
    forget.onDidDelete(clear),
  );
}

function linkTo(place: Place, [first, another]: readonly vscode.Uri[]): Link | undefined {
  if (first === undefined) return undefined;
  const uri = another === undefined ? first : undefined;
  const tooltip = uri ? vscode.workspace.asRelativePath(uri) : l10n.t("Search with Codekin");
  return Object.assign(new vscode.TerminalLink(place.start, place.length, tooltip), { place, uri });
}

/** Returns at most two files whose path ends as that of the place does. */
function filesOf({ path }: Place, known: Map<string, Promise<readonly vscode.Uri[]>>): Promise<readonly vscode.Uri[]> {
  if (known.size > MAX_KNOWN) known.clear();
  const files = known.get(path) ?? find(path);
  known.set(path, files);
  return files;
}

async function find(path: string): Promise<readonly vscode.Uri[]> {
  for (const suffix of suffixesOf(path)) {
    const files = await vscode.workspace.findFiles(globOf(suffix), undefined, 2);
    if (files.length > 0) return files;
  }
  return [];
}

async function open({ uri, place }: Link): Promise<void> {
  if (uri === undefined) {
    await vscode.commands.executeCommand("codekin.search", `${suffixesOf(place.path)[0] ?? ""}:${String(place.line)}`);
    return;
  }
  const at = new vscode.Position(place.line - 1, Math.max(0, (place.column ?? 1) - 1));
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(at, at) });
}
