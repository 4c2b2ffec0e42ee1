import assert from "node:assert/strict";
import { test } from "node:test";
import { CrashLimit } from "./crashLimit";

test("three crashes in three minutes are survived, the fourth is a loop", () => {
  const limit = new CrashLimit();
  assert.deepEqual(
    [0, 10, 20, 30].map((time) => limit.allows(time)),
    [true, true, true, false],
  );
});

test("crashes now and then never are a loop", () => {
  const limit = new CrashLimit(3, 100);
  for (let time = 0; time < 10_000; time += 50) assert.equal(limit.allows(time), true);
});

test("a start at a person's wish begins anew", () => {
  const limit = new CrashLimit(1, 100);
  assert.equal(limit.allows(0), true);
  limit.forget();
  assert.equal(limit.allows(1), true);
});
