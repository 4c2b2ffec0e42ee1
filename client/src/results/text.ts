/** Results as text: for the clipboard, and as the document of a search editor. */
import type { Result } from "../protocol";
import { visible } from "../visible";
import { groupByFile } from "./groups";

/** Returns the 1-based line at which a result opens. */
export function lineOf({ focus, range }: Result): number {
  return (focus ?? range).start.line + 1;
}

/** Returns `path:line` of a result, and only the path of what has no lines. */
export function locationOf(result: Result): string {
  const path = visible(result.path);
  return result.commit !== undefined || result.kind === "directory" ? path : `${path}:${String(lineOf(result))}`;
}

/** Returns `file:line` and the folder of code, for views that are too narrow for the whole path. */
export function shortPlaceOf(result: Result): [string, string] {
  const at = locationOf(result);
  const slash = at.lastIndexOf("/");
  return [at.slice(slash + 1), at.slice(0, Math.max(slash, 0))];
}

/** Returns the line of the snippet at which a result opens. */
export function lineTextOf(result: Result): string {
  const lines = result.snippet.split(/\r\n|\r|\n/);
  return visible((lines[lineOf(result) - 1 - result.range.start.line] ?? lines[0] ?? "").trimEnd());
}

/** Returns one line for each result. */
export function listOf(results: readonly Result[]): string {
  return results.map((result) => `${locationOf(result)}: ${lineTextOf(result).trim()}`).join("\n");
}

/**
 * Returns the text of a search editor, whose file names and lines are links. `pathOf` returns the
 * path of a file as search editors write it.
 */
export function searchEditorText(
  query: string,
  results: readonly Result[],
  pathOf: (result: Result) => string,
): string {
  const inFiles = groupByFile(results).filter(({ uri }) => uri?.startsWith("file:"));
  const files = inFiles.map(({ results: found }) => {
    const lines = found.map((result) => `  ${String(lineOf(result))}: ${lineTextOf(result)}`);
    return [`${found[0] ? pathOf(found[0]) : ""}:`, ...lines].join("\n");
  });
  return [`# Query: ${visible(query)}`, "", ...files.flatMap((file) => [file, ""])].join("\n");
}
