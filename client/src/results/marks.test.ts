import assert from "node:assert/strict";
import { test } from "node:test";
import { marksOf } from "./marks";

test("words of the query are marked in any letter case, without filters and short words", () => {
  assert.deepEqual(marksOf("11: call_with_Retry", "a retry call lang:python"), [
    [4, 8],
    [14, 19],
  ]);
  assert.deepEqual(marksOf("python", "retry lang:python"), []);
});

test("words that touch are one range", () => {
  assert.deepEqual(marksOf("rateLimiter", "limiter rate"), [[0, 11]]);
});
