import assert from "node:assert/strict";
import { test } from "node:test";
import type { FilterValues } from "../../protocol";
import { completions, searchable, unfinished } from "./completion";

const known: FilterValues = {
  languages: { python: 12, go: 30, typescript: 3 },
  extensions: { py: 12 },
  folders: { api: 12, "web/src": 5, "my files": 1 },
  kinds: { code: 90, commit: 7, test: 20 },
  authors: { "Ann Lee": 4, Bob: 9 },
};
const now = new Date("2026-03-01T12:00:00Z");
const labels = (typed: string): string[] => completions(typed, known, now).map(({ label }) => label);
const first = (typed: string): string | undefined => completions(typed, known, now)[0]?.query;

test("a filter without a value offers all values, the most frequent first", () => {
  assert.deepEqual(labels("retry lang:"), ["go", "python", "typescript"]);
  assert.deepEqual(labels("kind:"), ["code", "test", "commit"]);
  assert.equal(completions("lang:", known, now)[0]?.description, "30 files");
});

test("values that start with the typed text come before values that contain it", () => {
  assert.deepEqual(labels("retry lang:t"), ["typescript", "python"]);
  assert.deepEqual(labels("author:LEE"), ["Ann Lee"]);
});

test("accepting a completion completes the query and appends a space", () => {
  assert.equal(first("retry lang:py"), "retry lang:python ");
  assert.equal(first("retry -author:ann"), 'retry -author:"Ann Lee" ');
  assert.equal(first('author:"Ann L'), 'author:"Ann Lee" ');
  assert.equal(first("kind:test,com"), "kind:test,commit ");
  assert.equal(first("path:my"), 'path:"my files/**" ');
  assert.equal(first("after:2026-02-2"), "after:2026-02-22 ");
  assert.equal(first("mode:re"), "mode:regex ");
});

test("complete filters and text without a filter at the end are not completed", () => {
  for (const typed of ["lang:python", "lang:py retry", "std::vec", "my_lang:py", "", "lang:nonsense", 'author:"Bob"'])
    assert.deepEqual(labels(typed), [], typed);
  assert.equal(unfinished("plain words"), undefined);
});

test("an incomplete path or author can be searched, an incomplete language cannot", () => {
  for (const typed of ["retry", "author:an", "path:api", "after:2026-01", "lang:go retry"])
    assert.ok(searchable(typed), typed);
  for (const typed of ["lang:p", "kind:", "author:", "path:", "after:202", "mode:re"])
    assert.ok(!searchable(typed), typed);
});
