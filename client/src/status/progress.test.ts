import assert from "node:assert/strict";
import { test } from "node:test";
import type { Status } from "../protocol";
import { progressOf, worthShowing } from "./progress";

const at = (indexed: number, total: number, state: Status["state"] = "indexing") =>
  ({ state, coverage: { indexed, total, complete: false }, ratePerS: 5000.4 }) as Status;

test("only a long pass shows a notification", () => {
  assert.ok(worthShowing(at(0, 4000)));
  assert.ok(!worthShowing(at(3900, 4000)));
  assert.ok(!worthShowing(at(0, 4000, "paused")));
});

test("progress has a percentage and a message", () => {
  const { percent, message } = progressOf(at(1000, 4000));
  assert.equal(percent, 25);
  assert.match(message, /^1,000 of 4,000 files, 5,000 chunks\/s\./);
  assert.equal(progressOf(at(0, 0)).percent, 0);
});
