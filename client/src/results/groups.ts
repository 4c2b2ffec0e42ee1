/** Results by file, and what is no file by its kind: the group of the best result first, within a file by line. */
import type { Answer, Result } from "../protocol";
import { coverageText } from "../status/text";

/** `uri` is the file's, and `path` its path; of a group of what is no file `path` is its title. */
export interface Group {
  uri: string | undefined;
  path: string;
  results: Result[];
}

const NO_FILE = { commit: "Commits and pull requests", directory: "Folders" };

export function groupByFile(results: readonly Result[]): Group[] {
  const groups = new Map<string, Group>();
  for (const result of results) {
    const { uri, path } = groupOf(result);
    const key = uri ?? path;
    const group = groups.get(key);
    if (group) group.results.push(result);
    else groups.set(key, { uri, path, results: [result] });
  }
  for (const { uri, results } of groups.values())
    if (uri !== undefined) results.sort((a, b) => a.range.start.line - b.range.start.line);
  return [...groups.values()];
}

function groupOf(result: Result): { uri: string | undefined; path: string } {
  if (result.commit !== undefined) return { uri: undefined, path: NO_FILE.commit };
  if (result.kind === "directory") return { uri: undefined, path: NO_FILE.directory };
  return { uri: result.uri, path: result.path };
}

/** "40 results in 18 files for “retry”", and what that leaves out. `limit` is how many were asked for. */
export function summary(query: string, { results, coverage }: Answer, limit: number): string {
  const files = groupByFile(results).filter(({ uri }) => uri !== undefined).length;
  const found = `${plural(results.length, "result")} in ${plural(files, "file")} for “${query}”`;
  const more = results.length >= limit ? ", the best ones of more" : "";
  return `${found}${more}${coverage.complete ? "" : ` (${coverageText(coverage)} indexed so far)`}`;
}

const plural = (count: number, noun: string): string => `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
