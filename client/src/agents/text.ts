/** An answer as text for a language model, in English. */
/* eslint-disable codekin/shown-strings -- no person reads it */
import type { Answer } from "../protocol";

const MAX_LINES = 40;

/** Returns the results with their locations and text, and what the answer says about itself. */
export function answerText({ results, coverage, reasons }: Answer): string {
  const notes = coverage.complete
    ? reasons
    : [`Only ${String(coverage.indexed)} of ${String(coverage.total)} files are indexed so far.`, ...reasons];
  const found = results.map((result) => {
    const { path, range, symbol, relation, snippet, commit } = result;
    const place = commit === undefined ? `${path}:${String(range.start.line + 1)}-${String(range.end.line)}` : commit;
    const title = [place, symbol, relation].filter(Boolean).join("  ");
    return `${title}\n${snippet.split("\n").slice(0, MAX_LINES).join("\n").trimEnd()}`;
  });
  return [...notes, ...(found.length > 0 ? found : ["No results."])].join("\n\n");
}
