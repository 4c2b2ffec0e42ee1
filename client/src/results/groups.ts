/**
 * Results grouped by file, with a group for commits and one for folders. Groups are in the order of
 * their best results, and the results of a file are in the order of their lines.
 */
import * as l10n from "@vscode/l10n";
import type { Answer, Result } from "../protocol";
import { resultsText } from "../search/messages";
import { coverageText, filesText } from "../status/text";

/**
 * `uri` and `path` are those of the file. A group of another kind has no `uri`, and `path` is its
 * title.
 */
export interface Group {
  uri: string | undefined;
  path: string;
  results: Result[];
}

const TITLES = { commit: l10n.t("Commits and pull requests"), directory: l10n.t("Folders") };

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

/** Returns the groups in the order of their paths, those of files first. */
export function byPath(groups: readonly Group[]): Group[] {
  const rank = ({ uri }: Group): number => (uri === undefined ? 1 : 0);
  return [...groups].sort((one, other) => rank(one) - rank(other) || one.path.localeCompare(other.path));
}

function groupOf(result: Result): { uri: string | undefined; path: string } {
  if (result.commit !== undefined) return { uri: undefined, path: TITLES.commit };
  if (result.kind === "directory") return { uri: undefined, path: TITLES.directory };
  return { uri: result.uri, path: result.path };
}

/**
 * Returns a sentence such as "40 results in 18 files for “retry”", which also says if there may be
 * more results. `limit` is the number of results that were requested.
 */
export function summary(query: string, { results, coverage }: Answer, limit: number): string {
  const files = groupByFile(results).filter(({ uri }) => uri !== undefined).length;
  const found = l10n.t("{0} in {1} for “{2}”", resultsText(results.length), filesText(files), query);
  const more = results.length >= limit ? [l10n.t("limited to the best {0}", limit)] : [];
  const partly = coverage.complete ? "" : ` (${l10n.t("{0} indexed so far", coverageText(coverage))})`;
  return `${[found, ...more].join(", ")}${partly}`;
}
