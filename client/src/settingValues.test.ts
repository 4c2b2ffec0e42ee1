import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { expected, problem, type Schema } from "./settingValues";

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  contributes: { configuration: { properties: Record<string, Schema> }[] };
};
const properties = Object.assign({}, ...manifest.contributes.configuration.map((part) => part.properties)) as Record<
  string,
  Schema
>;

/** Returns the schema of a setting of the manifest. */
function schemaOf(name: string): Schema {
  const schema = properties[name];
  assert.ok(schema, name);
  return schema;
}

test("a number outside of the bounds of the manifest is named with the bounds and the default", () => {
  const name = "codekin.search.limit";
  for (const value of [0, 501, "many", 1.5, null])
    assert.equal(
      problem(name, schemaOf(name), value),
      `The setting codekin.search.limit cannot be ${JSON.stringify(value)}: expected an integer from 1 to 500. ` +
        "The default, 40, is used.",
    );
  assert.equal(problem(name, schemaOf(name), 1), undefined);
  assert.equal(problem(name, schemaOf(name), 500), undefined);
});

test("an unknown mode and a value of another type are named", () => {
  assert.equal(expected(schemaOf("codekin.search.mode"), "fuzzy"), "one of hybrid, semantic, lexical, regex, literal");
  assert.equal(expected(schemaOf("codekin.search.mode"), "regex"), undefined);
  assert.equal(expected(schemaOf("codekin.related.follow"), "yes"), "a boolean");
  assert.equal(expected(schemaOf("codekin.path"), 5), "a string");
});

test("a number that VS Code's own settings editor would refuse is named wherever it was written", () => {
  for (const [name, value] of [
    ["codekin.results.limit", 99999],
    ["codekin.results.perFile", 0],
    ["codekin.search.debounceMs", -100],
  ] as const)
    assert.match(problem(name, schemaOf(name), value) ?? "", /cannot be -?\d+: expected an integer from \d+ to \d+\./);
});

test("every default is allowed", () => {
  for (const [name, schema] of Object.entries(properties))
    if (schema.type !== "array") assert.equal(problem(name, schema, schema.default), undefined);
});
