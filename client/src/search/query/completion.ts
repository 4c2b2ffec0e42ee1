/** Completes the filter that is being typed at the end of the query with values from the index. */
import * as l10n from "@vscode/l10n";
import { MODES, type FilterValues } from "../../protocol";
import { number } from "../../language";
import { filesText } from "../../status/text";
import { resultsText } from "../messages";
import { FILTER_NAMES, quoted, type FilterName } from "./query";

export interface Completion {
  icon: string;
  label: string;
  description: string;
  /** The complete query after this completion is accepted. */
  query: string;
}

interface Unfinished {
  before: string;
  name: FilterName;
  /** Values of the same filter that are already complete, with their commas. */
  listed: string;
  start: string;
}

const MAX_COMPLETIONS = 6;
const SYMBOLS = ["function", "method", "class", "interface", "struct", "enum", "trait", "module", "type", "constant"];
const ROLES = ["code", "test", "document", "configuration", "build", "change_log", "example", "generated", "vendored"];
const DAY_MS = 86_400_000;
const AGO: readonly [string, number][] = [
  [l10n.t("a week ago"), 7],
  [l10n.t("a month ago"), 30],
  [l10n.t("three months ago"), 91],
  [l10n.t("a year ago"), 365],
];
const ICONS: Readonly<Record<FilterName, string>> = {
  lang: "code",
  path: "folder",
  kind: "symbol-misc",
  author: "person",
  after: "calendar",
  before: "calendar",
  ext: "file-code",
  symbol: "symbol-class",
  role: "tag",
  at: "git-branch",
  mode: "regex",
};
const UNFINISHED = new RegExp(
  `^(.*?(?:^|\\s)-?)(${FILTER_NAMES.join("|")}):((?:(?:"[^"]*"|[^\\s",]+),)*)("[^"]*|[^\\s",]*)$`,
  "is",
);

/** Returns the filter at the end if it has no value yet or an incomplete one. */
export function unfinished(typed: string): Unfinished | undefined {
  const found = UNFINISHED.exec(typed);
  if (found === null) return undefined;
  const [, before = "", name = "", listed = "", start = ""] = found;
  return { before, name: name.toLowerCase() as FilterName, listed, start: start.replace('"', "") };
}

/**
 * Returns whether a search makes sense although the filter at the end may be incomplete: parts of
 * paths and names match, and so do complete years.
 */
export function searchable(typed: string): boolean {
  const end = unfinished(typed);
  if (end === undefined) return true;
  const { name, start } = end;
  if (name === "after" || name === "before") return /^\d{4}(-\d{1,2}){0,2}$/.test(start);
  return (name === "path" || name === "author") && start !== "";
}

/**
 * Returns completions of the filter at the end, or none if there is no filter or it is complete.
 */
export function completions(typed: string, known: FilterValues, now: Date): Completion[] {
  const end = unfinished(typed);
  if (end === undefined) return [];
  const start = end.start.toLowerCase();
  const choices = choicesOf(end.name, known, now).filter(([value]) => value.toLowerCase().includes(start));
  if (choices.some(([value]) => value.toLowerCase() === start)) return [];
  const first = (value: string): number => (value.toLowerCase().startsWith(start) ? 0 : 1);
  return choices
    .sort(([one], [other]) => first(one) - first(other))
    .slice(0, MAX_COMPLETIONS)
    .map(([value, description]) => ({
      icon: ICONS[end.name],
      label: value,
      description,
      query: `${end.before}${end.name}:${end.listed}${quoted(value)} `,
    }));
}

const changesText = (count: number): string =>
  count === 1 ? l10n.t("1 change") : l10n.t("{0} changes", number(count));

/** Returns the values of a filter with their descriptions, the most frequent first. */
function choicesOf(name: FilterName, known: FilterValues, now: Date): [string, string][] {
  const counted = (values: Readonly<Record<string, number>>, text: (count: number) => string): [string, string][] =>
    Object.entries(values)
      .sort(([one, a], [other, b]) => b - a || one.localeCompare(other))
      .map(([value, count]) => [value, text(count)]);
  switch (name) {
    case "lang":
      return counted(known.languages, filesText);
    case "ext":
      return counted(known.extensions, filesText);
    case "path":
      return counted(known.folders, filesText).map(([folder, count]) => [`${folder}/**`, count]);
    case "kind":
      return counted(known.kinds, resultsText);
    case "author":
      return counted(known.authors, changesText);
    case "symbol":
      return SYMBOLS.map((kind) => [kind, ""]);
    case "role":
      return ROLES.map((role) => [role, ""]);
    case "mode":
      return MODES.map((mode) => [mode, ""]);
    case "at":
      return []; // the index has no names of revisions
    case "after":
    case "before":
      return AGO.map(([text, days]) => [new Date(now.getTime() - days * DAY_MS).toISOString().slice(0, 10), text]);
  }
}
