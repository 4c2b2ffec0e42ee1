import assert from "node:assert/strict";
import { test } from "node:test";
import type { Result } from "../protocol";
import { groupByRelation } from "./groups";

const related = (symbol: string, relation?: string): Result => ({
  uri: `file:///w/${symbol}.py`,
  path: `${symbol}.py`,
  range: { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } },
  kind: "code",
  symbol,
  language: "python",
  score: 1,
  snippet: "",
  ...(relation === undefined ? {} : { relation }),
});

test("results are grouped by relation, and only groups with results are returned", () => {
  const results = [
    related("a", "last changed in"),
    related("b", "tested by"),
    related("c", "like this"),
    related("d", "tests"),
    related("e"),
  ];
  assert.deepEqual(
    groupByRelation(results).map(({ title, results: found }) => [title, found.map(({ symbol }) => symbol)]),
    [
      ["Tests", ["b", "d"]],
      ["Similar Code", ["c", "e"]],
      ["History", ["a"]],
    ],
  );
  assert.deepEqual(groupByRelation([]), []);
});
