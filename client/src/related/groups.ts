/** Related code grouped by its relation: what a reader looks for first is first. */
import * as l10n from "@vscode/l10n";
import type { Result } from "../protocol";

export interface RelatedGroup {
  title: string;
  results: Result[];
}

const SIMILAR_CODE = l10n.t("Similar Code");
/** The groups in their order. */
const [TESTS, DUPLICATES, HISTORY] = [l10n.t("Tests"), l10n.t("Duplicates"), l10n.t("History")];
const TITLES = [TESTS, DUPLICATES, SIMILAR_CODE, HISTORY];
/** The group of each relation. Code that is only similar has another relation or none. */
const GROUP_OF: Readonly<Record<string, string>> = {
  "tested by": TESTS,
  tests: TESTS,
  "duplicate of": DUPLICATES,
  "last changed in": HISTORY,
  "added in": HISTORY,
};

/** Returns the groups that have results. The order within a group is that of the server. */
export function groupByRelation(results: readonly Result[]): RelatedGroup[] {
  const titleOf = ({ relation = "" }: Result): string => GROUP_OF[relation] ?? SIMILAR_CODE;
  return TITLES.map((title) => ({ title, results: results.filter((result) => titleOf(result) === title) })).filter(
    (group) => group.results.length > 0,
  );
}
