/** The tooltip of a result. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { Result } from "../protocol";
import { markdown, visibleCode } from "../visible";
import { kindOf, nameOf, relationOf, whereOf } from "./rows";

const MAX_LINES = 24;

export function tooltipOf(result: Result): vscode.MarkdownString {
  const lines = visibleCode(result.snippet).split("\n");
  const text = new vscode.MarkdownString();
  text.appendMarkdown(`**${markdown(nameOf(result))}**  ${markdown(whereOf(result, new Date()))}`);
  const facts = [kindOf(result), relationOf(result), result.reason, result.commit ? undefined : changedBy(result)];
  text.appendMarkdown(`\n\n${markdown(facts.filter(Boolean).join(" · "))}`);
  const shown = lines.length > MAX_LINES ? [...lines.slice(0, MAX_LINES), "…"] : lines;
  return text.appendCodeblock(shown.join("\n"), result.language);
}

function changedBy({ author, date }: Result): string {
  if (author && date) return l10n.t("last changed {0} by {1}", date, author);
  return author || date ? l10n.t("last changed {0}", date || author || "") : "";
}
