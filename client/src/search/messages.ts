/** Messages of the palette about empty and incomplete answers. */
import type { Answer, Coverage } from "../protocol";
import type { ParsedQuery } from "./query/query";
import { coverageText } from "../status/text";

export interface Message {
  icon: string;
  label: string;
  detail: string;
}

const TITLE = "Search Code";

/** Returns the message for an empty query. */
export function welcome(coverage: Coverage | undefined): Message {
  return {
    icon: "lightbulb",
    label: coverage ? `${coverageText(coverage)} indexed` : "Opening the index…",
    detail: "Examples:  where is the retry logic?  lang:python  path:api/**  mode:regex",
  };
}

/** Returns the message for an answer without results. */
export function noResults(query: ParsedQuery, { coverage, reasons }: Answer): Message {
  const filtered = query.filtered ? " Try fewer filters." : "";
  const searched = coverage.complete
    ? `Searched ${coverageText(coverage)}.${filtered}`
    : `Indexed ${coverageText(coverage)} so far. Results appear as indexing continues.${filtered}`;
  return {
    icon: coverage.complete ? "search-stop" : "sync",
    label:
      coverage.complete || coverage.indexed > 0
        ? `No results for “${query.text || query.query}”`
        : "Nothing is indexed yet",
    detail: (coverage.complete ? "" : reasons.join(" ")) || searched,
  };
}

/**
 * Returns the title of the palette: the coverage while it is incomplete, and what is degraded
 * unless the message says so.
 */
export function titleOf(answer: Answer | undefined): string {
  if (answer === undefined) return TITLE;
  const { coverage, reasons, results } = answer;
  const partly = coverage.complete ? [] : [`${coverageText(coverage)} indexed so far`];
  return [...partly, ...(coverage.complete || results.length > 0 ? reasons : [])].join(" — ") || TITLE;
}
