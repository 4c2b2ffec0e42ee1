/**
 * The lines of a place as a read-only document, so that two places are compared without the rest of
 * their files, also within one file. The text is the current one of the file.
 */
import * as vscode from "vscode";
import type { Result } from "../protocol";
import { open, rangeOf } from "../search/preview";
import { placeOf } from "../search/rows";
import type { Place } from "./groups";

const SCHEME = "codekin-excerpt";

export function registerExcerpts(): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: async ({ query, fragment }) => {
      const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(query));
      const [first = 0, last = 0] = fragment.split("-").map(Number);
      return document.getText(new vscode.Range(first, 0, last + 1, 0));
    },
  });
}

/** Shows the difference between the first place of a group and another, or opens the first. */
export async function compare({ result, first }: Place): Promise<void> {
  if (result === first) {
    await open(result);
    return;
  }
  const title = `${placeOf(first)} ↔ ${placeOf(result)}`;
  await vscode.commands.executeCommand("vscode.diff", excerptOf(first), excerptOf(result), title, { preview: true });
}

/** The path ends in the name of the file, by which the editor chooses the language. */
function excerptOf(result: Result): vscode.Uri {
  const { start, end } = rangeOf(result);
  const lines = `${String(start.line)}-${String(end.line)}`;
  return vscode.Uri.from({ scheme: SCHEME, path: `/${result.path}`, query: result.uri, fragment: lines });
}
