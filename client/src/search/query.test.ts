import assert from "node:assert/strict";
import { test } from "node:test";
import { filterValues, parseQuery, withFilter } from "./query";

test("words alone are the text", () => {
  assert.deepEqual(parseQuery("  where is   the retry logic? "), {
    text: "where is the retry logic?",
    filters: {},
    mode: undefined,
  });
});

test("filters stand anywhere and repeat", () => {
  const { text, filters, mode } = parseQuery(
    'lang:python retry lang:go path:api/** -path:*.md author:"Ann B" mode:regex',
  );
  assert.equal(text, "retry");
  assert.equal(mode, "regex");
  assert.deepEqual(filters, { languages: ["python", "go"], paths: ["api/**", "!*.md"], authors: ["Ann B"] });
});

test("dates are whole or no filter", () => {
  assert.deepEqual(parseQuery("x after:2026-01-31").filters, { after: "2026-01-31" });
  assert.equal(parseQuery("x after:2026").text, "x after:2026");
});

for (const code of ["std::vector path", "kind: str", "mode:sideways", "-lang:go", "my_path:x", 'path:"unclosed']) {
  test(`code that looks like a filter stays: ${code}`, () => {
    assert.equal(parseQuery(code).text, code);
  });
}

test("a button replaces the values of its own filter alone", () => {
  const typed = "lang:go retry kind:code lang:rust";
  assert.equal(withFilter(typed, "lang", ["python"]), "retry kind:code lang:python");
  assert.equal(withFilter(typed, "lang", []), "retry kind:code");
});

test("what is set can be read back", () => {
  const typed = withFilter("retry", "path", ["api/my files/**", "-*.md"]);
  assert.equal(typed, 'retry path:"api/my files/**" -path:*.md');
  assert.deepEqual(filterValues(typed, "path"), ["api/my files/**", "-*.md"]);
});
