/** The location of a point and the text at it. */
import * as vscode from "vscode";
import type { SemanticMap } from "../protocol";
import type { Subject } from "../related/subject";

const MAX_LINES = 8;

/**
 * Returns the location of a point, or undefined if the map has no such point: the page may show an
 * older map.
 */
export function placeOfPoint({ points, files }: SemanticMap, point: number): Subject | undefined {
  const uri = files[points.file[point] ?? -1]?.uri;
  const startLine = points.startLine[point];
  const endLine = points.endLine[point];
  return uri === undefined || startLine === undefined || endLine === undefined
    ? undefined
    : { uri, startLine, endLine };
}

/** Returns the first lines at a location, including unsaved changes. */
export async function firstLines({ uri, startLine, endLine }: Subject): Promise<string> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
  const last = Math.min(endLine, startLine + MAX_LINES);
  const text = document.getText(new vscode.Range(startLine, 0, last, 0)).replace(/\s+$/, "");
  return last < endLine ? `${text}\n…` : text;
}
