import assert from "node:assert/strict";
import { test } from "node:test";
import type { Result } from "../protocol";
import { listOf, locationOf, searchEditorText } from "./text";

const at = (path: string, line: number, snippet: string): Result => ({
  uri: `file:///w/${path}`,
  path,
  range: { start: { line, character: 0 }, end: { line: line + 2, character: 0 } },
  focus: { start: { line: line + 1, character: 0 }, end: { line: line + 1, character: 0 } },
  kind: "code",
  symbol: "",
  language: "python",
  score: 1,
  snippet,
});
const results = [at("b.py", 9, "@once\ndef run():\n"), at("a.py", 1, "# one\nx = 1\n")];

test("copied results have their line, as compilers write it", () => {
  assert.equal(listOf(results), "b.py:11: def run():\na.py:3: x = 1");
  assert.equal(locationOf({ ...results[0], kind: "directory", path: "src/" } as Result), "src/");
});

test("the text of a search editor has files and numbered lines", () => {
  const text = searchEditorText("run", results, ({ path }) => `w/${path}`);
  assert.equal(text, "# Query: run\n\nw/b.py:\n  11: def run():\n\nw/a.py:\n  3: x = 1\n");
});
