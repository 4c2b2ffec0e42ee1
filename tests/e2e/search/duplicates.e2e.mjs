// The list of duplicates: groups, the difference between two places, and the place in its file.
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { useSession } from "../support/session.mjs";
import { settledRows } from "../support/workbench.mjs";

const CARRIERS = "api/parcelpost/carriers.py";

/** Adds a copy of a file, and one that has a detail changed. */
function prepare(workspace) {
  copyFileSync(join(workspace, CARRIERS), join(workspace, "api/parcelpost/copied.py"));
  const text = readFileSync(join(workspace, CARRIERS), "utf8");
  const changed = text.replace(/attempt/g, "round");
  assert.notEqual(changed, text);
  writeFileSync(join(workspace, "api/parcelpost/changed.py"), changed);
}

const test = useSession("duplicates", { prepare });
const rowsOf = (bench) => bench.page.locator("[id='workbench.view.extension.codekin'] .monaco-list-row");
const groupOf = (bench) => rowsOf(bench).filter({ hasText: "call_with_retry" }).first();
const has = (rows, row) => rows.some((label) => row.test(label));

test("copies are a group, with how similar each place is", async ({ bench }) => {
  await bench.ready();
  await bench.command("Codekin: Show Duplicates");
  await settledRows(rowsOf(bench), (rows) => has(rows, /^call_with_retry, [23] places, \d+ lines/), "the group");
  await groupOf(bench).click();
  const rows = await settledRows(rowsOf(bench), (all) => has(all, /copied\.py/), "the places of the group");
  assert.ok(has(rows, /carriers\.py:\d+-\d+/), rows.join());
  assert.ok(has(rows, /the same text/), rows.join());
  await bench.shot("27-duplicates");
});

test("a place is compared with the first one, and opened in its file", async ({ bench }) => {
  const place = rowsOf(bench).filter({ hasText: "the same text" }).first();
  const name = /(\w+\.py):(\d+)/.exec(await place.getAttribute("aria-label"));
  await place.click();
  const tab = bench.page.locator(".part.editor .tab.active", { hasText: "↔" });
  await tab.waitFor();
  assert.ok((await tab.textContent()).includes(name[0]));
  await bench.page.locator(".monaco-diff-editor .view-line", { hasText: "def call_with_retry" }).first().waitFor();
  await bench.shot("28-duplicates-compared");
  await place.hover();
  await place.locator(".action-label[aria-label^='Open']").first().click();
  await bench.page.locator(".part.editor .tab.active", { hasText: name[1] }).waitFor();
  await bench.at(name[1], Number(name[2]));
});
