import assert from "node:assert/strict";
import { test } from "node:test";
import { Latest } from "./latest";

test("only the last of many calls runs", async () => {
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

test("a running task is aborted when it is cancelled", async () => {
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
