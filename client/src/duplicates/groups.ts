/** Groups of duplicates, and the texts of their rows. */
import type { DuplicateGroup, Duplicates, Result } from "../protocol";
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
  return `${String(count)} places, ${String(lines)} lines`;
}

/** Returns a sentence about all groups, and why some may be missing. */
export function summary({ groups, total, coverage, reasons }: Duplicates): string {
  const found =
    total === 0
      ? "No duplicates"
      : `${total > groups.length ? `${String(groups.length)} of ${String(total)}` : String(total)} ${total === 1 ? "group" : "groups"} of similar code`;
  const partly = coverage.complete ? [] : [`${coverageText(coverage)} indexed so far`];
  return [found, ...partly, ...reasons].join(" — ");
}
