/**
 * What is on no disk, as documents that are only read: commits and pull requests with their changes, and files as of another
 * revision. The text comes from the server and needs no git extension; a document's name ends so that it is coloured.
 */
import * as vscode from "vscode";
import { textOf } from "./errors";
import type { Result } from "./protocol";
import { commitRequest } from "./requests";
import { shortHash } from "./search/rows";
import type { Server } from "./server/server";
import { ServerUnavailable } from "./server/state";

const SCHEME = "codekin-past";

/** The document that shows a result. */
export function documentOf({ uri, path, commit, revision }: Result): vscode.Uri {
  if (commit !== undefined) return past(`/${shortHash(commit)}.diff`, uri);
  if (revision !== undefined) return past(`/${shortHash(revision)}/${path}`, uri);
  return vscode.Uri.parse(uri);
}

/** The server's own URI is what it is asked for. */
const past = (path: string, query: string): vscode.Uri => vscode.Uri.from({ scheme: SCHEME, path, query });

export function registerPast(server: Server): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  let tooEarly: vscode.Uri[] = [];
  const textFor = async (uri: vscode.Uri): Promise<string> => {
    try {
      const { text, url } = await server.request(commitRequest, { uri: uri.query });
      return url ? `${url}\n\n${text}` : text;
    } catch (error) {
      if (error instanceof ServerUnavailable) tooEarly.push(uri);
      return `This cannot be shown: ${textOf(error)}`;
    }
  };
  return vscode.Disposable.from(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: changed.event,
      provideTextDocumentContent: textFor,
    }),
    // What a window had open when it was loaded is asked for before the server has started.
    server.onState(({ kind }) => {
      if (kind !== "running") return;
      const again = tooEarly;
      tooEarly = [];
      for (const uri of again) changed.fire(uri);
    }),
  );
}
