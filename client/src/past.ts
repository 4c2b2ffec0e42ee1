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
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: async ({ query }) => {
      try {
        const { text, url } = await server.request(commitRequest, { uri: query });
        return url ? `${url}\n\n${text}` : text;
      } catch (error) {
        return `This cannot be shown: ${textOf(error)}`;
      }
    },
  });
}
