/**
 * The reader on small indexes that codekin wrote, of 4 dimensions: one in version 1 of the format
 * with two segments and 6 rows, one in version 2 with 4 rows of integers. The row with key 30 is
 * deleted in both.
 */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { FlatIndex, FlatIndexError } from "./flatIndex";

const FIXTURE = "client/flat-index/fixture";
const INTEGERS = "client/flat-index/fixture-integers";
const SEGMENT = "0000000001-0.segment";
const LARGE_KEY = 2n ** 62n + 1n;

test("live rows are found by descending cosine, ties by ascending key", () => {
  const index = FlatIndex.open(FIXTURE);
  assert.deepEqual([index.size, index.dim, index.embedder], [5, 4, "model-é"]);
  const hits = index.search(Float32Array.of(1, 0, 0, 0), 10);
  assert.deepEqual(
    hits.map((hit) => hit.key),
    [10n, 50n, LARGE_KEY, 20n, 40n],
  );
  assert.deepEqual(
    hits.map((hit) => hit.score),
    [1, 0.6, 0.6, 0, 0].map(Math.fround),
  );
});

test("rows of integers are multiplied by their scales", () => {
  const index = FlatIndex.open(INTEGERS);
  assert.deepEqual([index.size, index.dim], [3, 4]);
  const hits = index.search(Float32Array.of(0, 1, 0, 0), 10);
  assert.deepEqual(
    hits.map((hit) => hit.key),
    [20n, LARGE_KEY, 10n],
  );
  for (const [at, score] of [127 / Math.hypot(95, 127), 0.5, 0].entries())
    assert.ok(Math.abs((hits[at]?.score ?? 9) - score) < 1e-6);
});

test("at most k rows are returned", () => {
  const index = FlatIndex.open(FIXTURE);
  const query = Float32Array.of(0, 0, 0, 1);
  assert.deepEqual(index.search(query, 1), [{ key: 40n, score: 1 }]);
  assert.deepEqual(index.search(query, 0), []);
});

test("a query of another dimension is refused", () => {
  assert.throws(() => FlatIndex.open(FIXTURE).search(new Float32Array(3), 1), FlatIndexError);
});

for (const [damage, file, offset, message] of [
  ["another file type", SEGMENT, 0, /not a file of a flat index/],
  ["another version", SEGMENT, 4, /version \d+ is not supported/],
  ["a changed header of the manifest", "MANIFEST", 30, /the header is corrupt/],
  ["a changed row", SEGMENT, 390, /an array is corrupt/],
] as const) {
  test(`${damage} is refused`, () => {
    const directory = mkdtempSync(join(tmpdir(), "flat-index-"));
    try {
      cpSync(FIXTURE, directory, { recursive: true });
      const bytes = readFileSync(join(directory, file));
      bytes.writeUInt8(bytes.readUInt8(offset) ^ 0xff, offset);
      writeFileSync(join(directory, file), bytes);
      assert.throws(
        () => FlatIndex.open(directory),
        (error) => error instanceof FlatIndexError && message.test(error.message),
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}
