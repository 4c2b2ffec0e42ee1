/**
 * Selects the results that the map highlights. A question in words gives every chunk a score, so
 * only the best are highlighted: a few percent of the points, with scores near the first. A regular
 * expression or an exact text matches or does not match, so every result is highlighted.
 */
import * as l10n from "@vscode/l10n";
import { number } from "../language";
import type { Mode, Result } from "../protocol";

/** Above this number of chunks, the map is a sample. */
export const MAX_POINTS = 20_000;
const SHARE_OF_POINTS = 0.03;
const [MIN_HITS, MAX_HITS] = [10, 100];
/** The largest `limit` that the server accepts. */
const MAX_EXACT_HITS = 1_000;
const SHARE_OF_BEST = 0.5;

const isExact = (mode: Mode): boolean => mode === "regex" || mode === "literal";

/** Returns the number of results to request for a map with `points` points. */
export function maxHits(mode: Mode, points: number): number {
  return isExact(mode) ? MAX_EXACT_HITS : Math.min(Math.max(Math.round(SHARE_OF_POINTS * points), MIN_HITS), MAX_HITS);
}

/** Returns the results to highlight. `results` are ranked. */
export function hitsOf(results: readonly Result[], mode: Mode): readonly Result[] {
  if (isExact(mode)) return results;
  const lowest = SHARE_OF_BEST * (results[0]?.score ?? 0);
  return results.filter(({ score }, at) => at === 0 || (score > 0 && score >= lowest));
}

/** Returns the note beside the search box: `points` points of `found` results are highlighted. */
export function noteOf(points: number, found: number, mode: Mode): string {
  if (points === 0) return found === 0 ? l10n.t("No results") : l10n.t("No results on the map");
  const count = number(points);
  if (!isExact(mode)) return points === 1 ? l10n.t("Best match") : l10n.t("Best {0} matches", count);
  if (found >= MAX_EXACT_HITS) return l10n.t("First {0} matches", count);
  return points === 1 ? l10n.t("1 match") : l10n.t("{0} matches", count);
}

/** Returns how many points a file has on the map. */
export function fileNote(name: string, count: number): string {
  if (count === 0) return l10n.t("{0} is not on the map", name);
  return count === 1 ? l10n.t("1 chunk of {0}", name) : l10n.t("{0} chunks of {1}", number(count), name);
}
