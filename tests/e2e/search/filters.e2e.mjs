// Filters by author and date, in a workspace with a history.
import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { startRepository } from "../support/repository.mjs";
import { useSession } from "../support/session.mjs";

const QUEUE = "gateway/webhooks/queue.go";

/** Ann writes everything, and Bo changes one file two years later. */
function prepare(workspace) {
  const { commit } = startRepository(workspace);
  commit("Ann", "2024-03-01", "Everything that there was");
  appendFileSync(join(workspace, QUEUE), "\n// Deliveries are retried in the order in which they came.\n");
  commit("Bo", "2026-02-10", "Say in which order webhooks are retried");
}

const test = useSession("filters", { prepare });
const input = (bench) => bench.page.inputValue(".quick-input-widget input[type=text]");

async function press(bench, filter, value) {
  const { page } = bench;
  await page.locator(`.quick-input-widget .quick-input-titlebar a[aria-label='Filter: ${filter}']`).click();
  await page.locator(".quick-input-titlebar a").first().waitFor({ state: "hidden" });
  await page.locator(".quick-input-widget input[type=text]").fill(value);
  await page.keyboard.press("Enter");
}

const onlyQueue = (rows) =>
  assert.ok(
    rows.every((row) => row.includes("queue.go") || row.includes("commit")),
    rows.join("\n"),
  );

test("a filter selects the last author of a file", async ({ bench }) => {
  await bench.ready();
  await bench.openSearch("retry");
  await bench.rows(/call_with_retry/);
  await press(bench, "Author", "bo");
  onlyQueue(await bench.rows(/queue\.go:/));
  assert.equal(await input(bench), "retry author:bo");
  await bench.shot("08-palette-author");
  await press(bench, "Author", "ann");
  const rows = await bench.rows(/call_with_retry/);
  assert.ok(!rows.some((row) => row.includes(QUEUE)), rows.join("\n"));
});

test("a filter selects the date of the last change", async ({ bench }) => {
  await bench.openSearch("retry");
  await bench.rows(/call_with_retry/);
  await press(bench, "Changed After", "2026-01-01");
  onlyQueue(await bench.rows(/queue\.go:/));
  assert.equal(await input(bench), "retry after:2026-01-01");
  await bench.openSearch("retry before:2025-01-01 lang:go");
  const rows = await bench.rows(/\.go:/);
  assert.ok(!rows.some((row) => row.includes(QUEUE)), rows.join("\n"));
});
