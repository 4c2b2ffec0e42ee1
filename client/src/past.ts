/**
 * Read-only documents for text that is not on disk: commits and pull requests with their changes,
 * and files of another revision. The server provides the text, so no git extension is needed. The
 * extension of a document's name selects the syntax highlighting.
 */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { textOf } from "./errors";
import type { Result } from "./protocol";
import { commitRequest } from "./requests";
import { shortHash } from "./search/rows";
import type { Server } from "./server/server";

const SCHEME = "codekin-past";

/** Returns the URI of the document that shows a result. */
export function documentOf({ uri, path, commit, revision }: Result): vscode.Uri {
  if (commit !== undefined) return past(`/${shortHash(commit)}.diff`, uri);
  if (revision !== undefined) return past(`/${shortHash(revision)}/${path}`, uri);
  return vscode.Uri.parse(uri);
}

/** `query` is the server's URI, with which the text is requested. */
const past = (path: string, query: string): vscode.Uri => vscode.Uri.from({ scheme: SCHEME, path, query });

export function registerPast(server: Server): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: async ({ query }) => {
      try {
        const { text, url } = await server.request(commitRequest, { uri: query });
        return url ? `${url}\n\n${text}` : text;
      } catch (error) {
        return l10n.t("The document cannot be shown: {0}", textOf(error));
      }
    },
  });
}
