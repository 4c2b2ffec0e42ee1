/** Completes the filter that is being typed at the end of the query, from the values that the index knows. */
import { MODES, type FilterValues } from "../protocol";
import { FILTER_NAMES, quoted, type FilterName } from "./query";

export interface Completion {
  icon: string;
  label: string;
  description: string;
  /** The whole query once this is taken. */
  query: string;
}

interface Unfinished {
  before: string;
  name: FilterName;
  /** Values of the same filter that are there already, with their commas. */
  listed: string;
  start: string;
}

const MOST = 6;
const SYMBOLS = ["function", "method", "class", "interface", "struct", "enum", "trait", "module", "type", "constant"];
const DAY_MS = 86_400_000;
const AGO: readonly [string, number][] = [
  ["a week ago", 7],
  ["a month ago", 30],
  ["three months ago", 91],
  ["a year ago", 365],
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
  at: "git-branch",
  mode: "regex",
};
const UNFINISHED = new RegExp(
  `^(.*?(?:^|\\s)-?)(${FILTER_NAMES.join("|")}):((?:(?:"[^"]*"|[^\\s",]+),)*)("[^"]*|[^\\s",]*)$`,
  "is",
);

/** The filter at the end that has no value yet, or the beginning of one. */
export function unfinished(typed: string): Unfinished | undefined {
  const found = UNFINISHED.exec(typed);
  if (found === null) return undefined;
  const [, before = "", name = "", listed = "", start = ""] = found;
  return { before, name: name.toLowerCase() as FilterName, listed, start: start.replace('"', "") };
}

/** Whether the filter at the end finds something although more could be typed: parts of paths and names, whole years. */
export function searchable(typed: string): boolean {
  const end = unfinished(typed);
  if (end === undefined) return true;
  const { name, start } = end;
  if (name === "after" || name === "before") return /^\d{4}(-\d{1,2}){0,2}$/.test(start);
  return (name === "path" || name === "author") && start !== "";
}

/** What the end of the query may become; nothing where it is no filter, or one that is whole. */
export function completions(typed: string, known: FilterValues, now: Date): Completion[] {
  const end = unfinished(typed);
  if (end === undefined) return [];
  const start = end.start.toLowerCase();
  const choices = choicesOf(end.name, known, now).filter(([value]) => value.toLowerCase().includes(start));
  if (choices.some(([value]) => value.toLowerCase() === start)) return [];
  const first = (value: string): number => (value.toLowerCase().startsWith(start) ? 0 : 1);
  return choices
    .sort(([one], [other]) => first(one) - first(other))
    .slice(0, MOST)
    .map(([value, description]) => ({
      icon: ICONS[end.name],
      label: value,
      description,
      query: `${end.before}${end.name}:${end.listed}${quoted(value)} `,
    }));
}

/** Values with what is told of them, the most frequent first. */
function choicesOf(name: FilterName, known: FilterValues, now: Date): [string, string][] {
  const counted = (values: Readonly<Record<string, number>>, unit: string): [string, string][] =>
    Object.entries(values)
      .sort(([one, a], [other, b]) => b - a || one.localeCompare(other))
      .map(([value, count]) => [value, `${count.toLocaleString("en-US")} ${unit}${count === 1 ? "" : "s"}`]);
  switch (name) {
    case "lang":
      return counted(known.languages, "file");
    case "ext":
      return counted(known.extensions, "file");
    case "path":
      return counted(known.folders, "file").map(([folder, count]) => [`${folder}/**`, count]);
    case "kind":
      return counted(known.kinds, "result");
    case "author":
      return counted(known.authors, "change");
    case "symbol":
      return SYMBOLS.map((kind) => [kind, ""]);
    case "mode":
      return MODES.map((mode) => [mode, ""]);
    case "at":
      return []; // git knows the names, the index does not
    case "after":
    case "before":
      return AGO.map(([text, days]) => [new Date(now.getTime() - days * DAY_MS).toISOString().slice(0, 10), text]);
  }
}
