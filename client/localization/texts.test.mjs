// The texts of the extension can be translated: all are exported, and the package has the exports.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { RuleTester } from "eslint";
import tseslint from "typescript-eslint";
import { BUNDLE, exported } from "./export.mjs";
import { shownStrings } from "./shownStrings.mjs";

const { listFiles, PackageManager } = createRequire(import.meta.url)("@vscode/vsce");
const read = (path) => JSON.parse(readFileSync(path, "utf8"));
const SHOWN = new Set(
  ["displayName", "description", "title", "category", "name", "contextualTitle", "contents", "label"].concat([
    "markdownDescription",
    "enumDescriptions",
    "userDescription",
    "altText",
  ]),
);

test("the bundle has the texts of the sources; otherwise run `npm run l10n`", async () => {
  assert.equal(readFileSync(BUNDLE, "utf8"), await exported());
  assert.ok("No results for “{0}”" in read(BUNDLE));
});

/** Returns the values of properties that are shown, except in the schemas of tools, for models. */
function shownTexts(value, name = "") {
  if (typeof value === "string") return SHOWN.has(name) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((item) => shownTexts(item, name));
  if (typeof value !== "object" || value === null || name === "inputSchema") return [];
  return Object.entries(value).flatMap(([key, item]) => shownTexts(item, key));
}

test("the texts of package.json are those of package.nls.json", () => {
  const { displayName, description, capabilities, contributes } = read("package.json");
  const ids = contributes.languageModelTools.map(({ name }) => name);
  const texts = shownTexts({ displayName, description, capabilities, contributes });
  const keys = texts.filter((text) => !ids.includes(text)).map((text) => /^%([\w.-]+)%$/.exec(text)?.[1] ?? text);
  assert.deepEqual([...new Set(keys)].sort(), Object.keys(read("package.nls.json")).sort());
});

test("the package has what translations need", async () => {
  const folder = mkdtempSync(join(tmpdir(), "codekin-package-")); // has less to list than the checkout
  const texts = ["package.nls.json", BUNDLE];
  try {
    for (const name of [...texts, "package.json", ".vscodeignore"]) cpSync(name, join(folder, name));
    const files = await listFiles({ cwd: folder, packageManager: PackageManager.None });
    for (const name of texts) assert.ok(files.includes(name), name);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const { l10n } = read("package.json");
  assert.equal(`${l10n}/bundle.l10n.json`, `./${BUNDLE}`);
});

RuleTester.describe = (_, run) => run();
RuleTester.it = (name, run) => test(`text that is shown: ${name}`, run);
new RuleTester({ languageOptions: { parser: tseslint.parser } }).run("shown-strings", shownStrings, {
  valid: [
    'show(l10n.t("No results"));',
    'log.info("The server was restarted");',
    'if (key === "Escape") go();',
    'const row = { command: "codekin.search", icon: "close" };',
    'const text = { "tested by": 1 };',
  ],
  invalid: [
    'show("No results");',
    "show(`No results for ${query}`);",
    'const row = { label: "$(search) search" };',
    'note.textContent = "none";',
    'throw new Error("Save the file first.");',
    'const title = found ? "Open" : other;',
    'const answer = ["Clear"];',
  ].map((code) => ({ code, errors: [{ messageId: "untranslated" }] })),
});
