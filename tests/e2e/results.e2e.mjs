// The view Results: all of an answer, by file.
import assert from "node:assert/strict";
import { useSession } from "./session.mjs";
import { until } from "./until.mjs";

const test = useSession("results");
const VIEW = ".part.panel .pane-body";
const rowsOf = (bench) =>
  bench.page
    .locator(`${VIEW} .monaco-list-row`)
    .evaluateAll((rows) => rows.map((row) => row.getAttribute("aria-label") ?? ""));

test("the palette hands over to the view, which counts and groups", async ({ bench }) => {
  const { page } = bench;
  await bench.ready();
  await bench.openSearch("retry lang:python");
  await bench.rows(/call_with_retry/);
  await page.locator(".quick-input-titlebar a[aria-label='Show All in the Results View']").click();
  await page.locator(`${VIEW} .message`, { hasText: /\d+ results in \d+ files for “retry lang:python”/ }).waitFor();
  const rows = await until(async () => {
    const now = await rowsOf(bench);
    return now.length > 3 && now;
  }, "rows");
  assert.match(rows[0], /carriers\.py, \d results?/);
  await bench.shot("51-results");
});

test("one goes through them by key", async ({ bench }) => {
  const { page } = bench;
  await bench.command("Codekin: Next Result");
  await until(async () => (await bench.place()).file === "carriers.py", "the first result");
  const first = await bench.place();
  await bench.command("Codekin: Next Result");
  await until(async () => (await bench.place()).cursor !== first.cursor, "the second result");
  await bench.command("Codekin: Previous Result");
  await until(async () => (await bench.place()).cursor === first.cursor, "the first result again");
  await page.locator(`${VIEW} .monaco-list-row.selected`).waitFor();
});

test("cleared, it offers a search", async ({ bench }) => {
  await bench.command("Codekin: Clear Results");
  await bench.page.locator(`${VIEW} .welcome-view-content`, { hasText: "Search Code" }).waitFor();
});
