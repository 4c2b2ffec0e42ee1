import assert from "node:assert/strict";
import { test } from "node:test";
import { SearchMemory } from "./memory";

/** Keeps values as the editor does for a workspace. */
function state(): ConstructorParameters<typeof SearchMemory>[0] {
  const values = new Map<string, unknown>();
  return {
    get: <T>(key: string, other?: T) => (values.get(key) ?? other) as T,
    update: (key: string, value: unknown) => Promise.resolve(void values.set(key, value)),
  };
}

test("recent searches are listed once, the newest first", async () => {
  const memory = new SearchMemory(state());
  for (const query of ["retry", "rate limit", " retry "]) await memory.add(query);
  assert.deepEqual(memory.recent, ["retry", "rate limit"]);
  await memory.add("  ");
  await memory.remove("retry");
  assert.deepEqual(memory.recent, ["rate limit"]);
});

test("the number of recent searches is limited", async () => {
  const memory = new SearchMemory(state());
  for (let number = 0; number < 30; number += 1) await memory.add(`query ${String(number)}`);
  assert.equal(memory.recent.length, 20);
  assert.equal(memory.recent[0], "query 29");
});
