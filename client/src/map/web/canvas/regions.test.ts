import assert from "node:assert/strict";
import { test } from "node:test";
import type { SemanticMap } from "../../../protocol";
import { Regions, stepOf, wordsOf } from "./regions";

const NONE = new Set<string>();

/** Returns a map of clusters: names of points by the place of their cluster. */
function mapOf(clusters: readonly { at: [number, number]; path: string; names: readonly string[] }[]): SemanticMap {
  const points = clusters.flatMap(({ at: [x, y], names }, file) =>
    names.map((symbol, number) => ({ x: x + number / 100, y, file, symbol })),
  );
  return {
    files: clusters.map(({ path }) => ({ uri: path, path, group: path.startsWith("api/") ? 0 : 1 })),
    groups: ["api", "gateway"],
    points: {
      x: points.map(({ x }) => x),
      y: points.map(({ y }) => y),
      file: points.map(({ file }) => file),
      symbol: points.map(({ symbol }) => symbol),
    },
  } as unknown as SemanticMap;
}

const names = (name: string, count = 8): string[] => Array.from({ length: count }, () => name);
const RETRY = { at: [0.5, 0.5] as [number, number], path: "api/retry.py", names: names("retryRequest") };
const PRICE = { at: [5.5, 5.5] as [number, number], path: "api/price.py", names: names("price_request") };
const MIXED = {
  at: [9.5, 0.5] as [number, number],
  path: "gateway/limits/bucket.go",
  names: ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "theta"],
};

test("a region has the rarest of its common words, not those of the whole map", () => {
  const found = new Regions(mapOf([RETRY, PRICE])).at(1, NONE);
  assert.deepEqual(found.map(({ name, count }) => [name, count]).sort(), [
    ["price", 8],
    ["retry", 8],
  ]);
});

test("a region without common words has the folder of its files, and a small one no name", () => {
  const few = { at: [20.5, 20.5] as [number, number], path: "web/app.ts", names: ["one", "two"] };
  const found = new Regions(mapOf([RETRY, MIXED, few])).at(1, NONE);
  assert.deepEqual(found.map(({ name }) => name).sort(), ["gateway/limits/", "retry, request"].sort());
});

test("zooming in names smaller regions, at their points", () => {
  const regions = new Regions(mapOf([RETRY, PRICE, MIXED]));
  assert.ok(regions.at(16, NONE).length < regions.at(1, NONE).length);
  const retry = regions.at(1, NONE).find(({ name }) => name === "retry");
  assert.ok(retry && Math.abs(retry.place.x - 0.5) < 0.1 && retry.place.y === 0.5);
  assert.equal(stepOf(220), 1);
  assert.equal(stepOf(230), stepOf(220));
  assert.equal(stepOf(880), 0.25);
});

test("points of a hidden folder name no region", () => {
  const regions = new Regions(mapOf([RETRY, MIXED]));
  assert.deepEqual(
    regions.at(1, new Set(["api"])).map(({ name }) => name),
    ["gateway/limits/"],
  );
});

test("words of a name are those of identifiers", () => {
  assert.deepEqual(wordsOf("RateLimiter.defaultRateLimiter_v2"), ["rate", "limiter", "default"]);
});
