import assert from "node:assert/strict";
import { test } from "node:test";
import { RestartQueue } from "./restartQueue";

/** Restarts that end when the test says so. */
function scripted() {
  const ends: ((error?: Error) => void)[] = [];
  const queue = new RestartQueue(
    () => new Promise((resolve, reject) => ends.push((error) => (error ? reject(error) : resolve()))),
  );
  return { ends, queue };
}

test("while one runs, any number of requests become one more", async () => {
  const { ends, queue } = scripted();
  const first = queue.request();
  const others = [queue.request(), queue.request(), queue.request()];
  assert.equal(ends.length, 1);
  ends[0]?.();
  await first;
  await new Promise(setImmediate);
  assert.equal(ends.length, 2);
  ends[1]?.();
  await Promise.all(others);
  assert.equal(ends.length, 2);
});

test("a failed restart does not keep the next one from running", async () => {
  const { ends, queue } = scripted();
  const first = queue.request();
  const second = queue.request();
  ends[0]?.(new Error("no"));
  await assert.rejects(first, /no/);
  await new Promise(setImmediate);
  ends[1]?.();
  await second;
});
