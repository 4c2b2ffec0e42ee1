// The Results view: all results of a search, grouped by file.
import assert from "node:assert/strict";
import { useSession } from "../support/session.mjs";
import { until } from "../support/until.mjs";
import { settledRows } from "../support/workbench.mjs";

const test = useSession("results");
const VIEW = ".part.panel .pane-body";
/**
 * Waits for the rows: files with their numbers of results, the best first, each followed by its
 * results.
 */
const rowsOf = (bench) =>
  settledRows(
    bench.page.locator(`${VIEW} .monaco-list-row`),
    (rows) => rows.length > 3 && /carriers\.py, \d results?/.test(rows[0]),
    "rows by file, carriers.py first",
  );

/** Returns the files and lines of result rows, which follow the row of their file. */
function placesOf(rows) {
  let file = "";
  return rows.flatMap((row) => {
    const line = /, line (\d+),/.exec(row)?.[1];
    if (line !== undefined) return [{ file, line: Number(line) }];
    file = /([^/,]+), \d+ results?$/.exec(row)?.[1] ?? "";
    return [];
  });
}

/** Returns the paths of the rows of files. */
const filesOf = (rows) => rows.flatMap((row) => /^(.*), \d+ results?$/.exec(row)?.[1] ?? []);
const sorted = (paths) => [...paths].sort((one, other) => one.localeCompare(other));

test("the palette moves its results to the view, which counts and groups them", async ({ bench }) => {
  const { page } = bench;
  await bench.ready();
  await bench.openSearch("retry lang:python");
  await bench.rows(/call_with_retry/);
  await page.locator(".quick-input-titlebar a[aria-label='Show All in Results View']").click();
  await page.locator(`${VIEW} .message`, { hasText: /\d+ results in \d+ files for “retry lang:python”/ }).waitFor();
  await rowsOf(bench);
  await bench.shot("51-results");
});

test("F4 pressed in the editor steps through the results, again and again", async ({ bench }) => {
  const { page } = bench;
  await page.keyboard.press("Control+1");
  const places = placesOf(await rowsOf(bench)).slice(0, 5);
  for (const { file, line } of places) {
    await page.keyboard.press("F4");
    await bench.at(file, line);
  }
  await page.keyboard.press("Shift+F4");
  await bench.at(places[3].file, places[3].line);
  await page.locator(`${VIEW} .monaco-list-row.selected`).waitFor();
});

test("a click and F4 in the list keep the focus in the list, and Enter moves it", async ({ bench }) => {
  const { page } = bench;
  const [first, second, third] = placesOf(await rowsOf(bench));
  const list = page.locator(`${VIEW} .monaco-list:focus-within, ${VIEW} .monaco-list:focus`).first();
  await page.locator(`${VIEW} .monaco-list-row[aria-label*=", line ${first.line},"]`).first().click();
  await bench.at(first.file, first.line);
  await list.waitFor();
  await page.keyboard.press("F4");
  await bench.at(second.file, second.line);
  await list.waitFor();
  await page.keyboard.press("F4");
  await bench.at(third.file, third.line);
  await page.keyboard.press("Enter");
  await page.locator(".part.editor .monaco-editor.focused").waitFor();
});

test("Ctrl+C in the list copies the place and the text of a result", async ({ bench }) => {
  const { page } = bench;
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const [first] = placesOf(await rowsOf(bench));
  await page.locator(`${VIEW} .monaco-list-row[aria-label*=", line ${first.line},"]`).first().click();
  await page.keyboard.press("Control+C");
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  const place = `${first.file}:${first.line}`;
  await until(async () => (await copied()).includes(place), `${place} in the clipboard`);
});

test("a dismissed result leaves the list, and the list opens as a document", async ({ bench }) => {
  const { page } = bench;
  const before = await rowsOf(bench);
  const row = page.locator(`${VIEW} .monaco-list-row[data-index='1']`);
  await row.click();
  await page.locator(`${VIEW} .monaco-list-row.focused.selected`).waitFor();
  await page.keyboard.press("Delete");
  await until(async () => (await rowsOf(bench))[1] !== before[1], "the row to leave");
  await bench.command("Codekin: Open Results in Editor");
  await page.locator(".part.editor .view-line", { hasText: /#\s*Query:/ }).waitFor();
  await bench.shot("52-results-editor");
});

test("files are sorted by path, and again by relevance", async ({ bench }) => {
  const byRelevance = filesOf(await rowsOf(bench));
  assert.notDeepEqual(byRelevance, sorted(byRelevance));
  await bench.command("Codekin: Sort Results by Path");
  const isSorted = (rows) => rows.length > 3 && filesOf(rows).join() === sorted(filesOf(rows)).join();
  await settledRows(bench.page.locator(`${VIEW} .monaco-list-row`), isSorted, "files in the order of their paths");
  await bench.command("Codekin: Sort Results by Relevance");
  assert.deepEqual(filesOf(await rowsOf(bench)), byRelevance);
});

test("results are shown as a list in the order of their ranks, and by file again", async ({ bench }) => {
  const before = await rowsOf(bench);
  await bench.command("Codekin: View Results as List");
  const list = bench.page.locator(`${VIEW} .monaco-list-row`);
  const isFlat = (rows) => rows.length > 3 && rows.every((row) => !/\d results?$/.test(row));
  const rows = await settledRows(list, isFlat, "results without rows of files");
  const [, first] = /([^/]*carriers\.py):\d+/.exec(rows[0]);
  await bench.shot("53-results-list");
  await bench.page.keyboard.press("Control+1");
  await bench.page.keyboard.press("F4");
  await until(async () => (await bench.place()).file === first, `${first} to be opened`);
  await bench.command("Codekin: View Results by File");
  assert.deepEqual(filesOf(await rowsOf(bench)), filesOf(before));
});

test("a file has several results, and at most as many as the setting says", async ({ bench, editor }) => {
  const several = /, ([2-5]) results$/;
  const counts = (rows) => rows.map((row) => Number(/, (\d+) results?$/.exec(row)?.[1] ?? 1));
  assert.ok((await rowsOf(bench)).some((row) => several.test(row)));
  editor.setSettings({ "codekin.results.perFile": 1 });
  const list = bench.page.locator(`${VIEW} .monaco-list-row`);
  const refreshed = async () => {
    await bench.command("Codekin: Search Again");
    const rows = await settledRows(list, (all) => all.length > 3, "rows");
    return Math.max(...counts(rows)) === 1;
  };
  await until(refreshed, "one result in each file");
  editor.setSettings({});
  await until(async () => !(await refreshed()), "several results again");
});

test("the query is refined in place, and Escape restores the results", async ({ bench }) => {
  const { page } = bench;
  const before = filesOf(await rowsOf(bench));
  const message = (text) => page.locator(`${VIEW} .message`, { hasText: text }).waitFor();
  await bench.command("Codekin: Refine Results");
  const box = page.locator(".quick-input-widget input[type=text]");
  await box.waitFor();
  assert.equal(await box.inputValue(), "retry lang:python");
  await box.fill("token bucket");
  await message(/for “token bucket”/);
  await page.keyboard.press("Escape");
  await bench.closed();
  await message(/for “retry lang:python”/);
  assert.deepEqual(filesOf(await rowsOf(bench)), before);
});

test("earlier searches are reached with the arrow keys", async ({ bench }) => {
  const { page } = bench;
  const message = (text) => page.locator(`${VIEW} .message`, { hasText: text }).waitFor();
  await bench.command("Codekin: Refine Results");
  const box = page.locator(".quick-input-widget input[type=text]");
  await box.fill("token bucket");
  await message(/for “token bucket”/);
  await page.keyboard.press("Enter");
  await bench.closed();
  await page.locator(`${VIEW} .monaco-list:focus-within, ${VIEW} .monaco-list:focus`).first().waitFor();
  await bench.command("Codekin: Refine Results");
  await bench.selectRow((row) => row.includes("retry lang:python"), "the earlier search");
  await message(/for “retry lang:python”/);
  await bench.shot("54-results-history");
  await page.keyboard.press("Enter");
  await bench.closed();
  await rowsOf(bench);
});

test("an empty view offers a search", async ({ bench }) => {
  await bench.command("Codekin: Clear Results");
  await bench.page.locator(`${VIEW} .welcome-view-content`, { hasText: "Search Code" }).waitFor();
});
