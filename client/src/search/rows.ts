/** The texts and icons of results in lists. */
import * as l10n from "@vscode/l10n";
import type { Result } from "../protocol";
import { language } from "../language";
import { visible } from "../visible";

export interface RowText {
  icon: string;
  label: string;
  description: string;
  detail: string;
}

const MAX_DETAIL_LENGTH = 160;
const ICONS: Readonly<Record<string, string>> = {
  test: "beaker",
  file: "file",
  directory: "folder",
  commit: "git-commit",
  pull_request: "git-pull-request",
};
/** Icons of kinds of symbols. Other kinds have that of a function. */
const SYMBOL_ICONS: Readonly<Record<string, string>> = {
  class: "symbol-class",
  type: "symbol-class",
  record: "symbol-class",
  struct: "symbol-struct",
  union: "symbol-struct",
  table: "symbol-struct",
  view: "symbol-struct",
  interface: "symbol-interface",
  trait: "symbol-interface",
  service: "symbol-interface",
  enum: "symbol-enum",
  constant: "symbol-constant",
  module: "symbol-namespace",
  namespace: "symbol-namespace",
  property: "symbol-property",
  field: "symbol-field",
  constructor: "symbol-constructor",
  resource: "symbol-object",
  section: "symbol-string",
};
const KINDS: Readonly<Record<string, string>> = {
  code: l10n.t("code"),
  test: l10n.t("test"),
  file: l10n.t("file"),
  directory: l10n.t("folder"),
  commit: l10n.t("commit"),
  pull_request: l10n.t("pull request"),
};
const RELATIONS: Readonly<Record<string, string>> = {
  "tested by": l10n.t("tested by"),
  tests: l10n.t("tests"),
  "duplicate of": l10n.t("duplicate of"),
  "last changed in": l10n.t("last changed in"),
  "added in": l10n.t("added in"),
  "like this": l10n.t("like this"),
};
const MARKUP = new Set(["markdown", "restructuredtext", "asciidoc", "text", "latex"]);

/** Returns the codicon of a result. */
export function iconOf(result: Result): string {
  if (result.pullRequest !== undefined) return "git-pull-request";
  const own = ICONS[result.kind];
  if (own !== undefined && result.kind !== "file") return own;
  if (MARKUP.has(result.language)) return "book";
  if (own !== undefined) return own;
  const { symbolKind } = result;
  return symbolKind === undefined ? "code" : (SYMBOL_ICONS[symbolKind] ?? "symbol-method");
}

/** Returns `path:first-last`, with 1-based and inclusive lines, for display. */
export function placeOf(result: Result): string {
  const first = result.range.start.line + 1;
  const last = Math.max(first, result.range.end.line);
  const path = visible(result.path);
  return first === last ? `${path}:${String(first)}` : `${path}:${String(first)}-${String(last)}`;
}

const SHORT_HASH = 7;

/**
 * Returns the symbol of a result, or the name of its file if it has none. A folder has its name
 * with a slash, a commit its title, and a pull request its number and title.
 */
export function nameOf(result: Result): string {
  if (result.commit !== undefined) {
    const title = visible(result.symbol || firstLine(result.snippet) || shortHash(result.commit));
    return result.pullRequest === undefined ? title : `#${String(result.pullRequest)} ${title}`;
  }
  if (result.kind === "directory") return `${visible(lastPart(result.path.replace(/\/$/, "")))}/`;
  return visible(result.symbol || lastPart(result.path));
}

/**
 * Returns the location of a result in a file, with the revision if it is not on disk. A file or
 * folder has its path, and a commit its hash, author and age. `root` is the name of the root folder
 * if there are several.
 */
export function whereOf(result: Result, now: Date, root = ""): string {
  if (result.commit !== undefined)
    return [shortHash(result.commit), visible(result.author ?? ""), agoOf(result.date, now), visible(root)]
      .filter(Boolean)
      .join(" · ");
  const path = result.kind === "directory" || result.kind === "file" ? visible(result.path) : placeOf(result);
  const place = root === "" ? path : `${visible(root)}/${path}`;
  return [place, asOf(result)].filter(Boolean).join(" · ");
}

/** Returns text such as "at 9e831e9" for a result of a revision, and "" for one on disk. */
export function asOf({ revision }: Result): string {
  return revision === undefined ? "" : l10n.t("at {0}", shortHash(revision));
}

/**
 * Returns the tab title of a document that is not on disk. For any other result, returns undefined,
 * because the editor names the tab after the file.
 */
export function tabOf({ commit, pullRequest, revision, path }: Result): string | undefined {
  if (revision !== undefined) return `${visible(lastPart(path))} (${shortHash(revision)})`;
  if (commit === undefined) return undefined;
  return pullRequest === undefined ? l10n.t("commit {0}", shortHash(commit)) : l10n.t("pull request #{0}", pullRequest);
}

/** Returns the kind of a result for display. */
export function kindOf(result: Result): string {
  return KINDS[result.kind] ?? result.kind;
}

/** The relation of code that is only similar. */
const SIMILAR = "like this"; // eslint-disable-line codekin/shown-strings -- the server's word

export const isOnlySimilar = ({ relation = SIMILAR }: Result): boolean => relation === SIMILAR;

/** Returns the relation of related code for display, or "" for a result that has none. */
export function relationOf({ relation = "" }: Result): string {
  return RELATIONS[relation] ?? relation;
}

export const shortHash = (commit: string): string => commit.slice(0, SHORT_HASH);

const lastPart = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const firstLine = (text: string): string => text.split("\n", 1)[0]?.trim() ?? "";

const DAY_MS = 86_400_000;
const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365],
  ["month", 30],
  ["week", 7],
];
/**
 * Created on first use: the first formatter loads language tables, which takes longer than the
 * entire activation.
 */
let relative: Intl.RelativeTimeFormat | undefined;

/** Returns text such as "yesterday" or "3 weeks ago" in days of UTC, or "" for an invalid date. */
export function agoOf(date: string | undefined, now: Date): string {
  const days = Math.floor(now.getTime() / DAY_MS) - Math.floor(Date.parse(date ?? "") / DAY_MS);
  if (Number.isNaN(days)) return "";
  const [unit, length] = UNITS.find(([, length]) => days >= length) ?? ["day", 1];
  relative ??= new Intl.RelativeTimeFormat(language(), { numeric: "auto" });
  return relative.format(-Math.max(0, Math.floor(days / length)), unit);
}

const LINE_END = /\r\n|\r|\n/;
const COMMENT_MARKS = /^(?:\/\/[/!]?|\/\*+|\*+\/?|#+|--|;+|"""|''')\s*|\s*(?:\*\/|"""|''')$/g;

/** Returns the first lines that contain words as one line, without comment marks. */
export function excerpt(snippet: string): string {
  const lines = snippet
    .split(LINE_END)
    .map((line) => line.trim().replace(COMMENT_MARKS, ""))
    .filter((line) => /\w/.test(line));
  const text = visible(
    lines
      .slice(0, 3)
      .join("  ·  ")
      .replace(/[ \t]+/g, " "),
  );
  return text.length > MAX_DETAIL_LENGTH ? `${text.slice(0, MAX_DETAIL_LENGTH - 1)}…` : text;
}

/** Returns the parts of a score, the strongest first. */
export function whyOf(result: Result): string {
  return Object.entries(result.parts ?? {})
    .filter(([, value]) => Math.abs(value) >= 0.0005)
    .sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    .map(([name, value]) => `${name} ${value > 0 ? "+" : "−"}${Math.abs(value).toFixed(3)}`)
    .join("  ");
}

/**
 * Returns an excerpt of the text of a result. It begins at the line where the result opens, and that
 * of a commit below the title.
 */
export function textOf({ commit, snippet, focus, range }: Result): string {
  if (commit !== undefined) return excerpt(snippet.slice(firstLine(snippet).length));
  const skipped = focus === undefined ? 0 : focus.start.line - range.start.line;
  return excerpt(snippet.split(LINE_END).slice(skipped).join("\n")) || excerpt(snippet);
}

export function rowOf(result: Result, now: Date, root = ""): RowText {
  const why = whyOf(result);
  return {
    icon: iconOf(result),
    label: nameOf(result),
    description: whereOf(result, now, root),
    detail: why ? `${result.score.toFixed(3)} = ${why}` : textOf(result),
  };
}

/** Returns a key that identifies a result across answers. */
export function keyOf(result: Result): string {
  return `${result.uri}#${String(result.range.start.line)}-${String(result.range.end.line)}`;
}
