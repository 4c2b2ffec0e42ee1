import { expect, test } from "vitest";
import { groupByDay, progressOf } from "../src/tracking/timeline";

test("newest day comes first", () => {
  const days = groupByDay([
    { place: "Depot", at: "2026-03-01T08:00", status: "accepted" },
    { place: "Door", at: "2026-03-02T09:00", status: "delivered" },
  ]);
  expect(days.map((day) => day.date)).toEqual(["2026-03-02", "2026-03-01"]);
  expect(progressOf(days.flatMap((day) => day.scans))).toBe(1);
});
