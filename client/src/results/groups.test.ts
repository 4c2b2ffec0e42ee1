import assert from "node:assert/strict";
import { test } from "node:test";
import type { Result } from "../protocol";
import { byPath, groupByFile, summary } from "./groups";

const at = (path: string, line: number): Result => ({
  uri: `file:///w/${path}`,
  path,
  range: { start: { line, character: 0 }, end: { line: line + 1, character: 0 } },
  kind: "code",
  symbol: "",
  language: "python",
  score: 1,
  snippet: "",
});
const results = [at("b.py", 9), at("a.py", 1), at("b.py", 2)];
const answer = { results, coverage: { indexed: 3, total: 3, complete: true }, tookMs: 1, reasons: [] };

test("files are in the order of their best results, and results in the order of their lines", () => {
  const groups = groupByFile(results).map(({ path, results }) => [path, results.map(({ range }) => range.start.line)]);
  assert.deepEqual(groups, [
    ["b.py", [2, 9]],
    ["a.py", [1]],
  ]);
});

test("the summary counts results and says if there may be more", () => {
  assert.equal(summary("x", answer, 100), "3 results in 2 files for “x”");
  assert.equal(summary("x", answer, 3), "3 results in 2 files for “x”, limited to the best 3");
  const part = { ...answer, results: [], coverage: { indexed: 1, total: 3, complete: false } };
  assert.equal(summary("x", part, 100), "0 results in 0 files for “x” (1 of 3 files indexed so far)");
});

test("commits are grouped in the order of their rank, and so are folders", () => {
  const commit = (sha: string): Result => ({
    ...at("", 0),
    uri: `codekin-commit:/${sha}?w`,
    kind: "commit",
    commit: sha,
  });
  const folder: Result = { ...at("api/", 0), kind: "directory" };
  const found = groupByFile([commit("b"), at("a.py", 1), commit("a"), folder]);
  assert.deepEqual(
    found.map(({ uri, path, results }) => [uri, path, results.map(({ commit }) => commit)]),
    [
      [undefined, "Commits and pull requests", ["b", "a"]],
      ["file:///w/a.py", "a.py", [undefined]],
      [undefined, "Folders", [undefined]],
    ],
  );
  assert.match(summary("x", { ...answer, results: [commit("a"), at("a.py", 1)] }, 100), /^2 results in 1 file /);
});

test("groups can be in the order of their paths", () => {
  assert.deepEqual(
    byPath(groupByFile(results)).map(({ path }) => path),
    ["a.py", "b.py"],
  );
});
