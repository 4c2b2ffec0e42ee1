/** The progress of an indexing pass, as a percentage and as text. */
import type { Status } from "../protocol";
import { coverageText } from "./text";

const WORTH_SHOWING_FILES = 500;

/** Returns whether enough files are pending for the user to follow or stop the pass. */
export function worthShowing({ state, coverage }: Status): boolean {
  return state === "indexing" && coverage.total - coverage.indexed >= WORTH_SHOWING_FILES;
}

/** Returns the progress. `percent` is 0 to 100. */
export function progressOf({ coverage, ratePerS = 0 }: Status): { percent: number; message: string } {
  const rate = ratePerS > 0 ? `, ${Math.round(ratePerS).toLocaleString("en-US")} chunks/s` : "";
  const percent = coverage.total > 0 ? (100 * coverage.indexed) / coverage.total : 0;
  return { percent, message: `${coverageText(coverage)}${rate}. You can search now. Cancel pauses indexing.` };
}
