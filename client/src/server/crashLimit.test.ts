import assert from "node:assert/strict";
import { test } from "node:test";
import { CrashLimit } from "./crashLimit";

test("three crashes in three minutes are allowed, the fourth is a crash loop", () => {
  const limit = new CrashLimit();
  assert.deepEqual(
    [0, 10, 20, 30].map((time) => limit.allows(time)),
    [true, true, true, false],
  );
});

test("occasional crashes are not a crash loop", () => {
  const limit = new CrashLimit(3, 100);
  for (let time = 0; time < 10_000; time += 50) assert.equal(limit.allows(time), true);
});

test("a start by the user resets the count", () => {
  const limit = new CrashLimit(1, 100);
  assert.equal(limit.allows(0), true);
  limit.reset();
  assert.equal(limit.allows(1), true);
});
