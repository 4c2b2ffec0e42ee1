import assert from "node:assert/strict";
import { test } from "node:test";
import { RestartQueue } from "./restartQueue";

/** Returns a queue whose restarts end when the test calls the functions in `ends`. */
function scripted() {
  const ends: ((error?: Error) => void)[] = [];
  const queue = new RestartQueue(
    () => new Promise((resolve, reject) => ends.push((error) => (error ? reject(error) : resolve()))),
  );
  return { ends, queue };
}

test("requests during a restart are combined into one more restart", async () => {
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

test("the next restart runs after a failed one", async () => {
  const { ends, queue } = scripted();
  const first = queue.request();
  const second = queue.request();
  ends[0]?.(new Error("no"));
  await assert.rejects(first, /no/);
  await new Promise(setImmediate);
  ends[1]?.();
  await second;
});
