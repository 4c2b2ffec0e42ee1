import assert from "node:assert/strict";
import { test } from "node:test";
import { filterValues, parseQuery, splitQuery, withFilter } from "./query";

test("words without filters are the text", () => {
  const typed = "where is   the retry logic?";
  assert.deepEqual(parseQuery(`  ${typed} `), {
    query: typed,
    text: "where is the retry logic?",
    filtered: false,
    mode: undefined,
  });
});

test("filters remain in the query for the server, the mode does not", () => {
  const { query, text, filtered, mode } = parseQuery('lang:python retry -path:*.md,docs author:"Ann B" mode:regex');
  assert.equal(query, 'lang:python retry -path:*.md,docs author:"Ann B"');
  assert.equal(text, "retry");
  assert.ok(filtered);
  assert.equal(mode, "regex");
});

test("a revision is a filter", () => {
  const { query, text } = parseQuery("retry at:feature/x");
  assert.deepEqual([query, text], ["retry at:feature/x", "retry"]);
});

test("filters without words are a query without text", () => {
  const { query, text, filtered } = parseQuery("kind:commit after:2026-01");
  assert.deepEqual([query, text, filtered], ["kind:commit after:2026-01", "", true]);
});

for (const code of ["std::vector path", "mode:sideways", "-mode:regex", "my_path:x"]) {
  test(`code that looks like a mode or a filter is unchanged: ${code}`, () => {
    assert.equal(parseQuery(code).query, code);
    assert.equal(parseQuery(code).mode, undefined);
  });
}

test("a button replaces only the values of its own filter", () => {
  const typed = "lang:go retry kind:code lang:rust";
  assert.equal(withFilter(typed, "lang", ["python"]), "retry kind:code lang:python");
  assert.equal(withFilter(typed, "lang", []), "retry kind:code");
});

test("values that are set can be read back", () => {
  const typed = withFilter("retry", "path", ["api/my files/**", "-*.md"]);
  assert.equal(typed, 'retry path:"api/my files/**" -path:*.md');
  assert.deepEqual(filterValues(typed, "path"), ["api/my files/**", "-*.md"]);
  assert.deepEqual(filterValues('kind:test,commit author:"Ann, B",bob', "kind"), ["test", "commit"]);
  assert.deepEqual(filterValues('kind:test,commit author:"Ann, B",bob', "author"), ["Ann, B", "bob"]);
});

test("filters are separated from the words as they are written", () => {
  const typed = 'retry  lang:python,go -path:"a b/**" logic mode:regex what: is';
  assert.deepEqual(splitQuery(typed), {
    words: "retry logic what: is",
    filters: ["lang:python,go", '-path:"a b/**"', "mode:regex"],
  });
  assert.deepEqual(splitQuery(""), { words: "", filters: [] });
});
