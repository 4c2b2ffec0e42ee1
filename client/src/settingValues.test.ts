import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { allowed } from "./settingValues";

interface Property {
  minimum?: number;
  maximum?: number;
  default: unknown;
}

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  contributes: { configuration: { properties: Record<string, Property> }[] };
};
const properties = Object.assign({}, ...manifest.contributes.configuration.map((part) => part.properties)) as Record<
  string,
  Property
>;

test("numbers are kept within the bounds of the manifest", () => {
  for (const name of ["search.limit", "search.debounceMs", "related.limit", "results.limit"]) {
    const { minimum, maximum, default: fallback } = properties[`codekin.${name}`] ?? { default: undefined };
    assert.equal(allowed(name, -1e9, fallback), minimum);
    assert.equal(allowed(name, 1e9, fallback), maximum);
    assert.equal(allowed(name, "many", fallback), fallback);
  }
});

test("an unknown mode is the default one, and other values keep their type", () => {
  assert.equal(allowed("search.mode", "fuzzy", "hybrid"), "hybrid");
  assert.equal(allowed("search.mode", "regex", "hybrid"), "regex");
  assert.equal(allowed("related.follow", "yes", true), true);
  assert.equal(allowed("path", 5, ""), "");
});
