/** A result in full, for the pointer that rests on it. */
import * as vscode from "vscode";
import type { Result } from "../protocol";
import { nameOf, placeOf } from "./rows";

const MOST_LINES = 24;

export function tooltipOf(result: Result): vscode.MarkdownString {
  const lines = result.snippet.split("\n");
  const text = new vscode.MarkdownString();
  text.appendMarkdown("**").appendText(nameOf(result)).appendMarkdown("**  ").appendText(placeOf(result));
  const shown = lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), "…"] : lines;
  return text.appendCodeblock(shown.join("\n"), result.language);
}
