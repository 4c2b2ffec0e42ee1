/** The progress of an indexing pass, as a percentage and as text. */
import * as l10n from "@vscode/l10n";
import type { Status } from "../protocol";
import { coverageText, rateText } from "./text";

const WORTH_SHOWING_FILES = 500;

/** Returns whether enough files are pending for the user to follow or stop the pass. */
export function worthShowing({ state, coverage }: Status): boolean {
  return state === "indexing" && coverage.total - coverage.indexed >= WORTH_SHOWING_FILES;
}

/** Returns the progress. `percent` is 0 to 100. */
export function progressOf({ coverage, ratePerS = 0 }: Status): { percent: number; message: string } {
  const percent = coverage.total > 0 ? (100 * coverage.indexed) / coverage.total : 0;
  const done = [coverageText(coverage), ...(ratePerS > 0 ? [rateText(ratePerS)] : [])].join(", ");
  return { percent, message: l10n.t("{0}. You can search now. Cancel pauses indexing.", done) };
}
