// The palette: results while typing, previews, locations and filters.
import assert from "node:assert/strict";
import { QUESTION, SECOND } from "../support/question.mjs";
import { useSession } from "../support/session.mjs";
import { until } from "../support/until.mjs";

// Files opened with Quick Open are previews, as files clicked in the explorer are.
const test = useSession("search", { settings: { "workbench.editor.enablePreviewFromQuickOpen": true } });
const tabs = (bench) => bench.page.locator(".part.editor .tab .label-name").allTextContents();
const RETRY = /call_with_retry.*carriers\.py:11-24/;

test("the first index is built, and the status item shows it", async ({ bench }) => {
  await bench.ready();
  await bench.shot("01-ready");
});

test("the server does not use the network", ({ editor }) => {
  assert.deepEqual(editor.attempts(), []);
});

test("results appear while typing, and Enter opens the line", async ({ bench }) => {
  await bench.openSearch();
  await bench.rows(/\d+ files indexed/);
  await bench.shot("02-palette-empty");
  await bench.page.keyboard.type(QUESTION, { delay: 15 });
  await bench.rows(RETRY);
  await bench.shot("03-palette-results");
  await bench.page.keyboard.press("Enter");
  await bench.at("carriers.py", 11);
});

for (const [query, selected] of [
  ["call_with_retry", "call_with_retry"],
  ["mode:literal attempts + 1", "attempts + 1"],
  ["mode:regex call_\\w+ry", "call_with_retry"],
])
  test(`Enter selects what was asked for: ${query}`, async ({ bench }) => {
    await bench.openSearch(query);
    await bench.rows(/\.py:/);
    await bench.page.keyboard.press("Enter");
    await bench.closed();
    const count = new RegExp(`\\(${selected.length} selected\\)`);
    await until(async () => count.test((await bench.place()).cursor), `${selected.length} selected characters`);
  });

test("arrow keys preview, and Escape restores the editor", async ({ bench }) => {
  await bench.command("View: Close All Editors");
  await bench.openFile("gateway/webhooks/queue.go", 7);
  await bench.openSearch(QUESTION);
  await bench.rows(RETRY);
  await bench.page.keyboard.press("ArrowDown");
  await bench.at(...SECOND);
  await bench.page.keyboard.press("ArrowUp");
  await bench.at("carriers.py", 11);
  await bench.page.locator(".quick-input-widget .monaco-list-row.focused", { hasText: "call_with_retry" }).waitFor();
  await bench.shot("04-palette-preview");
  await bench.page.keyboard.press("Escape");
  await bench.at("queue.go", 7);
  await until(async () => (await tabs(bench)).join() === "queue.go", "the original tab");
});

test("Escape restores the tabs, including a preview tab that was replaced", async ({ bench }) => {
  const { page } = bench;
  const lookAndLeave = async () => {
    await bench.openSearch(QUESTION);
    await bench.rows(RETRY);
    await page.keyboard.press("ArrowDown");
    await bench.at(...SECOND);
    await page.keyboard.press("Escape");
    await bench.at("queue.go", 7);
  };
  await bench.command("View: Keep Editor");
  await lookAndLeave();
  await until(async () => (await tabs(bench)).join() === "queue.go", "the previewed tab to be gone");
  await bench.openFile("gateway/limits/bucket.go", 20);
  await bench.openFile("gateway/webhooks/queue.go", 7);
  await lookAndLeave();
  await until(async () => (await tabs(bench)).join() === "queue.go,bucket.go", "the original tabs");
  await page.keyboard.type("x");
  const typed = page.locator(".view-line", { hasText: /^x\s+TrackingNumber/ });
  await typed.waitFor();
  await page.keyboard.press("Control+Z");
  await typed.waitFor({ state: "detached" });
});

test("Ctrl+\\ opens beside", async ({ bench }) => {
  const { page } = bench;
  await bench.openSearch(QUESTION);
  await bench.rows(RETRY);
  await page.keyboard.press("Control+Backslash");
  await bench.at("carriers.py", 11);
  await until(async () => (await page.locator(".part.editor .editor-group-container").count()) === 2, "two groups");
  await until(async () => (await tabs(bench)).join() === "queue.go,bucket.go,carriers.py", "nothing else to be open");
  await bench.command("View: Close All Editors");
});

test("rows keep the order of the server even if their labels contain the query", async ({ bench, editor }) => {
  await bench.openSearch("queue");
  const rows = await bench.rows(/queue/i);
  const { results } = JSON.parse(editor.codekin("search", "queue", editor.workspace, "--json"));
  const places = results.map(({ kind, path, start_line: first }) => (kind === "directory" ? path : `${path}:${first}`));
  assert.ok(rows.length > 3);
  for (const [number, row] of rows.slice(0, places.length).entries())
    assert.ok(row.includes(places[number]), `${row} is not ${places[number]}`);
});

test("a button adds a filter to the query", async ({ bench }) => {
  const { page } = bench;
  await bench.openSearch("rate limit");
  await bench.rows(/\.go:/);
  await page.locator(".quick-input-widget .quick-input-titlebar a[aria-label='Filter: Language']").click();
  await page.locator(".quick-input-title", { hasText: "Languages" }).waitFor();
  await page.keyboard.type("python");
  await page.locator(".quick-input-widget .monaco-list-row", { hasText: "python" }).first().click();
  await page.keyboard.press("Enter");
  const rows = await bench.rows(/\.py:/);
  assert.ok(
    rows.every((row) => row.includes(".py:")),
    rows.join("\n"),
  );
  assert.equal(await page.inputValue(".quick-input-widget input[type=text]"), "rate limit lang:python");
  await bench.shot("05-palette-filter");
  await page.keyboard.type(" kind:code");
  await until(
    async () => (await page.inputValue(".quick-input-widget input[type=text]")) === "rate limit lang:python kind:code",
    "the typed text to follow the filter",
  );
});

test("score details are shown on request", async ({ bench }) => {
  const { page } = bench;
  await bench.openSearch(QUESTION);
  await bench.rows(RETRY);
  await page.locator(".quick-input-titlebar a[aria-label='Show Score Details']").click();
  await bench.rows(/call_with_retry.*= [\w ()]+ \+0\.\d+/);
  await bench.shot("06-palette-why");
});

test("an empty answer shows what was searched", async ({ bench }) => {
  await bench.openSearch("retry lang:fortran");
  await bench.rows(/No results for “retry”.*Searched \d+ files\. Try fewer filters\./);
  await bench.shot("07-palette-nothing");
});
