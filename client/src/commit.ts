/**
 * Commits and pull requests as documents that are only read: message and changes, from the server. They need no git extension.
 * The document's name ends in `.diff`, which is what colours it.
 */
import * as vscode from "vscode";
import type { Result } from "./protocol";
import { commitRequest } from "./requests";
import { shortHash } from "./search/rows";
import type { Server } from "./server/server";

const SCHEME = "codekin-diff";

/** The document that shows a result that is a commit. */
export function commitUri(result: Result, commit: string): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: `/${shortHash(commit)}.diff`, query: result.uri });
}

export function registerCommits(server: Server): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: async ({ query }) => {
      try {
        const { text, url } = await server.request(commitRequest, { uri: query });
        return url ? `${url}\n\n${text}` : text;
      } catch (error) {
        return `This commit cannot be shown: ${error instanceof Error ? error.message : String(error)}`;
      }
    },
  });
}
