/** Results by file: the file of the best result first, within a file by line. */
import type { Answer, Result } from "../protocol";
import { coverageText } from "../status/text";

export interface Group {
  uri: string;
  path: string;
  results: Result[];
}

export function groupByFile(results: readonly Result[]): Group[] {
  const groups = new Map<string, Group>();
  for (const result of results) {
    const group = groups.get(result.uri);
    if (group) group.results.push(result);
    else groups.set(result.uri, { uri: result.uri, path: result.path, results: [result] });
  }
  for (const group of groups.values()) group.results.sort((a, b) => a.range.start.line - b.range.start.line);
  return [...groups.values()];
}

/** "40 results in 18 files for “retry”", and what that leaves out. `limit` is how many were asked for. */
export function summary(query: string, { results, coverage }: Answer, limit: number): string {
  const files = new Set(results.map(({ uri }) => uri)).size;
  const found = `${plural(results.length, "result")} in ${plural(files, "file")} for “${query}”`;
  const more = results.length >= limit ? ", the best ones of more" : "";
  return `${found}${more}${coverage.complete ? "" : ` (${coverageText(coverage)} indexed so far)`}`;
}

const plural = (count: number, noun: string): string => `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
