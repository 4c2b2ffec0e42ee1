/** Names of root folders, which distinguish equal paths in a window with several folders. */
import * as vscode from "vscode";
import type { Result } from "./protocol";

/** Returns the name of a result's root folder, or "" in a window with one folder. */
export function rootNameOf({ uri, commit }: Result): string {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length < 2) return "";
  const parsed = vscode.Uri.parse(uri);
  // The address of a commit has the folder as its query.
  const place = commit === undefined ? parsed : vscode.Uri.file(parsed.query);
  return vscode.workspace.getWorkspaceFolder(place)?.name ?? "";
}
