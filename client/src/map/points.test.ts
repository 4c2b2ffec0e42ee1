import assert from "node:assert/strict";
import { test } from "node:test";
import type { Result, SemanticMap } from "../protocol";
import { PointIndex } from "./points";

const map: SemanticMap = {
  revision: "r",
  unchanged: false,
  shown: 3,
  total: 3,
  groups: ["api"],
  files: [
    { uri: "file:///w/api/a.py", path: "api/a.py", group: 0 },
    { uri: "file:///w/api/b.py", path: "api/b.py", group: 0 },
  ],
  points: {
    x: [0, 1, 2],
    y: [0, 1, 2],
    file: [0, 0, 1],
    startLine: [0, 10, 0],
    endLine: [10, 20, 5],
    symbol: ["f", "g", "h"],
    kind: ["code", "code", "test"],
  },
};
const index = new PointIndex(map);
const at = (uri: string, line: number): Result => ({
  uri,
  path: "",
  range: { start: { line, character: 0 }, end: { line: line + 1, character: 0 } },
  kind: "code",
  symbol: "",
  language: "",
  score: 1,
  snippet: "",
});

test("a line belongs to the point whose range contains it, without the end", () => {
  assert.equal(index.at("file:///w/api/a.py", 9), 0);
  assert.equal(index.at("file:///w/api/a.py", 10), 1);
  assert.equal(index.at("file:///w/api/a.py", 20), undefined);
  assert.equal(index.at("file:///w/other.py", 0), undefined);
});

test("results become points in the same order without repetitions", () => {
  const results = [at("file:///w/api/b.py", 3), at("file:///w/api/a.py", 1), at("file:///w/api/b.py", 0), at("x:", 0)];
  assert.deepEqual(index.of(results), [2, 0]);
});
