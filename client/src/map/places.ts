/** The place that a point stands for, and what is written there. */
import * as vscode from "vscode";
import type { SemanticMap } from "../protocol";
import type { Subject } from "../related/subject";

const MOST_LINES = 8;

/** Undefined for a point that the map does not have: the page may be one map behind. */
export function placeOfPoint({ points, files }: SemanticMap, point: number): Subject | undefined {
  const uri = files[points.file[point] ?? -1]?.uri;
  const startLine = points.startLine[point];
  const endLine = points.endLine[point];
  return uri === undefined || startLine === undefined || endLine === undefined
    ? undefined
    : { uri, startLine, endLine };
}

/** As they are in the editor now, saved or not. */
export async function firstLines({ uri, startLine, endLine }: Subject): Promise<string> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
  const last = Math.min(endLine, startLine + MOST_LINES);
  const text = document.getText(new vscode.Range(startLine, 0, last, 0)).replace(/\s+$/, "");
  return last < endLine ? `${text}\n…` : text;
}
