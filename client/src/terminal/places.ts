/** Places in files that a line of a terminal names, such as `app/store.py:12` or a stack frame. */

/** `start` and `length` are those of the link. `line` and `column` begin at 1. */
export interface Place {
  start: number;
  length: number;
  path: string;
  line: number;
  column: number | undefined;
}

const PATH = String.raw`((?:(?<![A-Za-z])[A-Za-z]:[\\/])?[\w@.+\-~/\\]*\w\.\w+)`;
const PATTERNS = [
  new RegExp(String.raw`File "([^"]+)", line (\d+)`, "g"),
  new RegExp(String.raw`${PATH}:(\d+)(?::(\d+))?`, "g"),
  new RegExp(String.raw`${PATH}\((\d+)(?:,(\d+))?\)`, "g"),
];
const MAX_LINE_LENGTH = 2000;
const MAX_SUFFIXES = 4;

/** Returns the places in a line, in their order. Addresses of the web are none. */
export function placesIn(text: string): Place[] {
  const places = PATTERNS.flatMap((pattern) => [...text.slice(0, MAX_LINE_LENGTH).matchAll(pattern)])
    .filter(({ index }) => !/[a-z]:\/\/\S*$/i.test(text.slice(0, index + 2)))
    .map((found) => ({
      start: found.index,
      length: found[0].length,
      path: found[1] ?? "",
      line: Number(found[2]),
      column: found[3] === undefined ? undefined : Number(found[3]),
    }));
  return places.filter(({ line }) => line > 0).sort((one, other) => one.start - other.start);
}

/**
 * Returns the ends of a path, the longest first, with `/` between folders. The path of a container or
 * of a build has other folders at its beginning than the workspace.
 */
export function suffixesOf(path: string): string[] {
  const parts = path
    .split(/[\\/]+/)
    .filter((part) => part !== "" && part !== "." && part !== ".." && !/^[A-Za-z]:$/.test(part));
  const first = Math.max(0, parts.length - MAX_SUFFIXES);
  return parts.slice(first).map((_, index) => parts.slice(first + index).join("/"));
}

/** Returns a glob pattern that matches a path literally, except that its special characters match any. */
export const globOf = (suffix: string): string => `**/${suffix.replace(/[[\]{}*?!]/g, "?")}`;
