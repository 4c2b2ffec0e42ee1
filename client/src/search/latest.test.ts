import assert from "node:assert/strict";
import { test } from "node:test";
import { Latest } from "./latest";

test("of many calls only the last one runs", async () => {
  const latest = new Latest();
  const ran: number[] = [];
  await new Promise<void>((resolve) => {
    for (const number of [1, 2, 3]) {
      latest.run(0, () => {
        ran.push(number);
        resolve();
        return Promise.resolve();
      });
    }
  });
  assert.deepEqual(ran, [3]);
});

test("a task that runs is told when another takes its place", async () => {
  const latest = new Latest();
  const signal = await new Promise<AbortSignal>((resolve) => {
    latest.run(0, (given) => {
      resolve(given);
      return Promise.resolve();
    });
  });
  assert.equal(signal.aborted, false);
  latest.cancel();
  assert.equal(signal.aborted, true);
});
