/** What a result looks like in a list: one line that names it, one that shows it, and why it is there. */
import type { Result } from "../protocol";

export interface RowText {
  icon: string;
  label: string;
  description: string;
  detail: string;
}

const LONGEST_DETAIL = 160;
const ICONS: Readonly<Record<string, string>> = {
  test: "beaker",
  file: "file",
  directory: "folder",
  commit: "git-commit",
  pull_request: "git-pull-request",
};
const MARKUP = new Set(["markdown", "restructuredtext", "asciidoc", "text", "latex"]);

/** Codicon of a result. */
export function iconOf(result: Result): string {
  if (MARKUP.has(result.language)) return "book";
  return ICONS[result.kind] ?? "symbol-method";
}

/** `path:first-last`, 1-based and inclusive, for people. */
export function placeOf(result: Result): string {
  const first = result.range.start.line + 1;
  const last = Math.max(first, result.range.end.line);
  return first === last ? `${result.path}:${String(first)}` : `${result.path}:${String(first)}-${String(last)}`;
}

/** The symbol, else the file's name. */
export function nameOf(result: Result): string {
  return result.symbol || result.path.slice(result.path.lastIndexOf("/") + 1);
}

const COMMENT_MARKS = /^(?:\/\/[/!]?|\/\*+|\*+\/?|#+|--|;+|"""|''')\s*|\s*(?:\*\/|"""|''')$/g;

/** The first lines that say anything, as one line; of comments what they say. */
export function excerpt(snippet: string): string {
  const lines = snippet
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim().replace(COMMENT_MARKS, ""))
    .filter((line) => /\w/.test(line));
  const text = lines.slice(0, 3).join("  ·  ").replace(/\s+/g, " ");
  return text.length > LONGEST_DETAIL ? `${text.slice(0, LONGEST_DETAIL - 1)}…` : text;
}

/** The parts of a score, the strongest first. */
export function whyOf(result: Result): string {
  return Object.entries(result.parts ?? {})
    .filter(([, value]) => Math.abs(value) >= 0.0005)
    .sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    .map(([name, value]) => `${name} ${value > 0 ? "+" : "−"}${Math.abs(value).toFixed(3)}`)
    .join("  ");
}

export function rowOf(result: Result): RowText {
  const why = whyOf(result);
  return {
    icon: iconOf(result),
    label: nameOf(result),
    description: placeOf(result),
    detail: why ? `${result.score.toFixed(3)} = ${why}` : excerpt(result.snippet),
  };
}

/** Tells results apart from one answer to the next. */
export function keyOf(result: Result): string {
  return `${result.uri}#${String(result.range.start.line)}-${String(result.range.end.line)}`;
}
