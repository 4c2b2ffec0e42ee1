import assert from "node:assert/strict";
import { test } from "node:test";
import type { Duplicates, Result } from "../protocol";
import { groupsOf, sizeOf, summary } from "./groups";

const at = (path: string, startLine = 0, endLine = 7): Result => ({
  uri: `file:///w/${path}`,
  path,
  range: { start: { line: startLine, character: 0 }, end: { line: endLine, character: 0 } },
  kind: "code",
  symbol: "retry",
  language: "python",
  score: 1,
  snippet: "",
});

const duplicates = (more: Partial<Duplicates> = {}): Duplicates => ({
  groups: [{ places: [at("a.py"), at("b.py")], count: 60 }],
  total: 1,
  compared: 9,
  coverage: { indexed: 2, total: 2, complete: true },
  reasons: [],
  ...more,
});

test("each place has the first place of its group", () => {
  const [group] = groupsOf(duplicates());
  assert.ok(group);
  assert.deepEqual(
    group.places.map(({ result, first }) => [result.path, first.path]),
    [
      ["a.py", "a.py"],
      ["b.py", "a.py"],
    ],
  );
  assert.equal(sizeOf(group), "60 places, 7 lines");
});

test("the summary has the number of groups, the coverage and what was not compared", () => {
  assert.equal(summary(duplicates()), "1 group of similar code");
  assert.equal(summary(duplicates({ total: 120 })), "1 of 120 groups of similar code");
  assert.equal(summary(duplicates({ groups: [], total: 0, reasons: ["Why."] })), "No duplicates — Why.");
  const coverage = { indexed: 1, total: 2, complete: false };
  assert.match(summary(duplicates({ coverage })), /1 of 2 files indexed so far/);
});
