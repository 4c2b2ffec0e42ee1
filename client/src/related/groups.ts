/** Related code grouped by its relation: what a reader looks for first is first. */
import type { Result } from "../protocol";

export interface RelatedGroup {
  title: string;
  results: Result[];
}

/** The relations of each group. Code that is only similar has another relation or none. */
const GROUPS: readonly (readonly [string, readonly string[]])[] = [
  ["Tests", ["tested by", "tests"]],
  ["Duplicates", ["duplicate of"]],
  ["Similar Code", []],
  ["History", ["last changed in", "added in"]],
];

/** Returns the groups that have results. The order within a group is that of the server. */
export function groupByRelation(results: readonly Result[]): RelatedGroup[] {
  const titleOf = ({ relation = "" }: Result): string =>
    GROUPS.find(([, relations]) => relations.includes(relation))?.[0] ?? "Similar Code";
  return GROUPS.map(([title]) => ({ title, results: results.filter((result) => titleOf(result) === title) })).filter(
    (group) => group.results.length > 0,
  );
}
