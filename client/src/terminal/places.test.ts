import assert from "node:assert/strict";
import { test } from "node:test";
import { globOf, placesIn, suffixesOf } from "./places";

/** Returns the text of each link with the place that it leads to. */
const linksIn = (text: string): unknown[] =>
  placesIn(text).map(({ start, length, path, line, column }) => [
    text.slice(start, start + length),
    path,
    line,
    column,
  ]);

test("paths with lines, frames and messages of compilers are places", () => {
  assert.deepEqual(linksIn("api/store.py:12:5: error in web/app.ts:3"), [
    ["api/store.py:12:5", "api/store.py", 12, 5],
    ["web/app.ts:3", "web/app.ts", 3, undefined],
  ]);
  assert.deepEqual(linksIn('  File "/srv/app/store.py", line 12, in run'), [
    ['File "/srv/app/store.py", line 12', "/srv/app/store.py", 12, undefined],
  ]);
  assert.deepEqual(linksIn("    at post.parcel.QuietHours.until(QuietHours.java:31)"), [
    ["QuietHours.java:31", "QuietHours.java", 31, undefined],
  ]);
  assert.deepEqual(linksIn(String.raw`C:\work\src\app.ts(12,5): error TS2304`), [
    [String.raw`C:\work\src\app.ts(12,5)`, String.raw`C:\work\src\app.ts`, 12, 5],
  ]);
});

test("addresses, times and versions are none", () => {
  for (const text of ["http://localhost.local:8080/x", "at 12:30:15", "version 1.2.3", "a.b:0", ""])
    assert.deepEqual(linksIn(text), [], text);
});

test("a path is looked up by its ends, the longest first", () => {
  assert.deepEqual(suffixesOf("/app/src/api/store.py"), [
    "app/src/api/store.py",
    "src/api/store.py",
    "api/store.py",
    "store.py",
  ]);
  assert.deepEqual(suffixesOf(String.raw`C:\w\..\app.ts`), ["w/app.ts", "app.ts"]);
  assert.equal(globOf("pages/[id].tsx"), "**/pages/?id?.tsx");
});
