/** How far a pass is, in numbers and in words. */
import type { Status } from "../protocol";
import { coverageText } from "./text";

const WORTH_SHOWING_FILES = 500;

/** Whether enough files wait for a person to want to know, and perhaps to stop it. */
export function worthShowing({ state, coverage }: Status): boolean {
  return state === "indexing" && coverage.total - coverage.indexed >= WORTH_SHOWING_FILES;
}

/** `percent` is 0 to 100. */
export function progressOf({ coverage, ratePerS = 0 }: Status): { percent: number; message: string } {
  const rate = ratePerS > 0 ? `, ${Math.round(ratePerS).toLocaleString("en-US")} chunks/s` : "";
  const percent = coverage.total > 0 ? (100 * coverage.indexed) / coverage.total : 0;
  return { percent, message: `${coverageText(coverage)}${rate}. Cancel pauses; search works meanwhile.` };
}
