/** What the palette says when it has no results to show, or not all of them. */
import type { Answer, Coverage } from "../protocol";
import type { ParsedQuery } from "./query";
import { coverageText } from "../status/text";

export interface Message {
  icon: string;
  label: string;
  detail: string;
}

const TITLE = "Search Code";

/** Nothing has been typed. */
export function welcome(coverage: Coverage | undefined): Message {
  return {
    icon: "lightbulb",
    label: coverage ? `${coverageText(coverage)} can be searched` : "The index is being opened",
    detail: "For instance:  where is the retry logic?  lang:python  path:api/**  mode:regex",
  };
}

/** Nothing was found. */
export function nothing(query: ParsedQuery, { coverage, reasons }: Answer): Message {
  const filtered = query.filtered ? "The filters may be too narrow. " : "";
  const searched = coverage.complete
    ? `${filtered}${coverageText(coverage)} were searched.`
    : `${filtered}${coverageText(coverage)} have been indexed so far; the search is repeated as more are.`;
  return {
    icon: coverage.complete ? "search-stop" : "sync",
    label:
      coverage.complete || coverage.indexed > 0
        ? `Nothing found for “${query.text || query.query}”`
        : "Nothing is indexed yet",
    detail: (coverage.complete ? "" : reasons.join(" ")) || searched,
  };
}

/** For the title of the palette: how much is covered while not all is, and what is degraded, unless the message says it. */
export function titleOf(answer: Answer | undefined): string {
  if (answer === undefined) return TITLE;
  const { coverage, reasons, results } = answer;
  const partly = coverage.complete ? [] : [`${coverageText(coverage)} indexed so far`];
  return [...partly, ...(coverage.complete || results.length > 0 ? reasons : [])].join(" — ") || TITLE;
}
