/**
 * What of an answer the map highlights. To a question in words every chunk is some answer, so of these the best are taken:
 * a few in a hundred, and none that is far behind the first. What is looked for letter by letter is found or not.
 */
import type { Mode, Result } from "../protocol";

const SHARE_OF_POINTS = 0.03;
const [FEWEST, MOST] = [10, 100];
/** The server's limit. */
const MOST_EXACT = 1_000;
const SHARE_OF_BEST = 0.5;

const isExact = (mode: Mode): boolean => mode === "regex" || mode === "literal";

/** How many results are asked for on a map with `points` points. */
export function mostHits(mode: Mode, points: number): number {
  return isExact(mode) ? MOST_EXACT : Math.min(Math.max(Math.round(SHARE_OF_POINTS * points), FEWEST), MOST);
}

/** `results` are ranked. */
export function hitsOf(results: readonly Result[], mode: Mode): readonly Result[] {
  if (isExact(mode)) return results;
  const least = SHARE_OF_BEST * (results[0]?.score ?? 0);
  return results.filter(({ score }, at) => at === 0 || (score > 0 && score >= least));
}

/** `points` of `found` results are highlighted. */
export function noteOf(points: number, found: number, mode: Mode): string {
  if (points === 0) return found === 0 ? "Nothing found" : "Nothing of what was found is on the map";
  const count = points.toLocaleString("en-US");
  if (!isExact(mode)) return points === 1 ? "The best one" : `The best ${count}`;
  return found < MOST_EXACT ? `${count} hold it` : `${count} of those that hold it`;
}
