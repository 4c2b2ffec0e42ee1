import assert from "node:assert/strict";
import { test } from "node:test";
import type { Result } from "../protocol";
import { hitsOf, mostHits, noteOf } from "./hits";

const scored = (...scores: number[]): Result[] => scores.map((score) => ({ score }) as Result);
const scores = (results: readonly Result[]): number[] => results.map(({ score }) => score);

test("of answers to a question those near the best are hits", () => {
  assert.deepEqual(scores(hitsOf(scored(2, 1.3, 1, 0.9, 0, -1), "hybrid")), [2, 1.3, 1]);
  assert.deepEqual(scores(hitsOf(scored(5.9, 0.03, 0.02), "semantic")), [5.9]);
  assert.deepEqual(scores(hitsOf(scored(-0.2, -0.3), "lexical")), [-0.2]);
  assert.deepEqual(hitsOf([], "hybrid"), []);
});

test("what is found letter by letter is a hit, all of it", () => {
  assert.equal(hitsOf(scored(1, 1, 0.1), "regex").length, 3);
  assert.equal(mostHits("literal", 79), 1000);
});

test("a question has at least ten hits to choose from, and a few in a hundred of a large map", () => {
  assert.deepEqual(
    [79, 1000, 20_000].map((points) => mostHits("hybrid", points)),
    [10, 30, 100],
  );
});

test("the note says what the highlighted ones are", () => {
  assert.equal(noteOf(4, 10, "hybrid"), "The best 4");
  assert.equal(noteOf(1, 10, "hybrid"), "The best one");
  assert.equal(noteOf(37, 40, "literal"), "37 hold it");
  assert.equal(noteOf(990, 1000, "regex"), "990 of those that hold it");
  assert.equal(noteOf(0, 0, "hybrid"), "Nothing found");
  assert.equal(noteOf(0, 5, "hybrid"), "Nothing of what was found is on the map");
});
