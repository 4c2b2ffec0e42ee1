import assert from "node:assert/strict";
import { test } from "node:test";
import { answerText } from "./text";
import type { Answer } from "../protocol";

const answer: Answer = {
  results: [
    {
      uri: "file:///w/a.py",
      path: "a.py",
      range: { start: { line: 1, character: 0 }, end: { line: 3, character: 0 } },
      kind: "code",
      symbol: "run",
      language: "python",
      score: 1,
      snippet: "def run():\n    pass\n",
    },
  ],
  coverage: { indexed: 3, total: 3, complete: true },
  tookMs: 1,
  reasons: [],
};

test("results have their lines and text", () => {
  assert.equal(answerText(answer), "a.py:2-3  run\ndef run():\n    pass");
});

test("an incomplete index and an empty answer are said", () => {
  const text = answerText({ ...answer, results: [], coverage: { indexed: 1, total: 3, complete: false } });
  assert.equal(text, "Only 1 of 3 files are indexed so far.\n\nNo results.");
});
