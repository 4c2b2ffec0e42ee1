/** Groups of duplicates, and the texts of their rows. */
import * as l10n from "@vscode/l10n";
import type { DuplicateGroup, Duplicates, Result } from "../protocol";
import { number } from "../language";
import { coverageText } from "../status/text";

/** A place of a group, and the first place of the group, to which it is similar. */
export interface Place {
  result: Result;
  first: Result;
}

export interface Group {
  first: Result;
  places: Place[];
  count: number;
}

export function groupsOf({ groups }: Duplicates): Group[] {
  return groups.flatMap(({ places, count }: DuplicateGroup) => {
    const [first] = places;
    return first === undefined ? [] : [{ first, count, places: places.map((result) => ({ result, first })) }];
  });
}

/** Returns text such as "3 places, 12 lines". */
export function sizeOf({ count, first }: Group): string {
  const lines = first.range.end.line - first.range.start.line;
  return l10n.t("{0} places, {1} lines", count, lines);
}

/** Returns a sentence about all groups, and why some may be missing. */
export function summary({ groups, total, coverage, reasons }: Duplicates): string {
  const partly = coverage.complete ? [] : [l10n.t("{0} indexed so far", coverageText(coverage))];
  return [foundText(groups.length, total), ...partly, ...reasons].join(" — ");
}

function foundText(shown: number, total: number): string {
  if (total === 0) return l10n.t("No duplicates");
  if (total > shown) return l10n.t("{0} of {1} groups of similar code", shown, number(total));
  return total === 1 ? l10n.t("1 group of similar code") : l10n.t("{0} groups of similar code", total);
}
