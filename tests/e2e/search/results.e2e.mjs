// The Results view: all results of a search, grouped by file.
import { useSession } from "../support/session.mjs";
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

test("commands step through the results", async ({ bench }) => {
  const { page } = bench;
  const [first, second] = (await rowsOf(bench)).slice(1).map((row) => Number(/, line (\d+),/.exec(row)?.[1]));
  await bench.command("Codekin: Next Result");
  await bench.at("carriers.py", first);
  await bench.command("Codekin: Next Result");
  await bench.at("carriers.py", second);
  await bench.command("Codekin: Previous Result");
  await bench.at("carriers.py", first);
  await page.locator(`${VIEW} .monaco-list-row.selected`).waitFor();
});

test("an empty view offers a search", async ({ bench }) => {
  await bench.command("Codekin: Clear Results");
  await bench.page.locator(`${VIEW} .welcome-view-content`, { hasText: "Search Code" }).waitFor();
});
