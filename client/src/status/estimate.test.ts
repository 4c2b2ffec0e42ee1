import assert from "node:assert/strict";
import { test } from "node:test";
import { estimateText } from "./estimate";

test("an estimate says files, time and disk, rounded", () => {
  const estimate = { files: 48_000, sourceBytes: 620_400_000, seconds: 517, diskBytes: 1_551_000_000 };
  assert.equal(
    estimateText(estimate),
    "Index 48,000 files (620 MB)? It takes about 9 minutes and 1.6 GB of disk. Search works meanwhile.",
  );
  assert.match(estimateText({ ...estimate, sourceBytes: 10, seconds: 0.1 }), /\(1 MB\).* 10 seconds/);
});
