import assert from "node:assert/strict";
import { test } from "node:test";
import type { Result } from "../protocol";
import { fileNote, hitsOf, maxHits, noteOf } from "./hits";

const scored = (...scores: number[]): Result[] => scores.map((score) => ({ score }) as Result);
const scores = (results: readonly Result[]): number[] => results.map(({ score }) => score);

test("results of a question are hits if their scores are near the best", () => {
  assert.deepEqual(scores(hitsOf(scored(2, 1.3, 1, 0.9, 0, -1), "hybrid")), [2, 1.3, 1]);
  assert.deepEqual(scores(hitsOf(scored(5.9, 0.03, 0.02), "semantic")), [5.9]);
  assert.deepEqual(scores(hitsOf(scored(-0.2, -0.3), "lexical")), [-0.2]);
  assert.deepEqual(hitsOf([], "hybrid"), []);
});

test("every result of an exact search is a hit", () => {
  assert.equal(hitsOf(scored(1, 1, 0.1), "regex").length, 3);
  assert.equal(maxHits("literal", 79), 1000);
});

test("a question has at lowest ten hits, and up to 3% of the points of a large map", () => {
  assert.deepEqual(
    [79, 1000, 20_000].map((points) => maxHits("hybrid", points)),
    [10, 30, 100],
  );
});

test("the note describes the highlighted points", () => {
  assert.equal(noteOf(4, 10, "hybrid"), "Best 4 matches");
  assert.equal(noteOf(1, 10, "hybrid"), "Best match");
  assert.equal(noteOf(37, 40, "literal"), "37 matches");
  assert.equal(noteOf(990, 1000, "regex"), "First 990 matches");
  assert.equal(noteOf(0, 0, "hybrid"), "No results");
  assert.equal(noteOf(0, 5, "hybrid"), "No results on the map");
});

test("the note of a file counts its points", () => {
  assert.equal(fileNote("a.py", 0), "a.py is not on the map");
  assert.equal(fileNote("a.py", 1), "1 chunk of a.py");
  assert.equal(fileNote("a.py", 1200), "1,200 chunks of a.py");
});
