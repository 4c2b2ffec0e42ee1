// The palette in daily use: Enter while typing, queries that are kept, previews and Go Back.
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { QUESTION, SECOND } from "../support/question.mjs";
import { useSession } from "../support/session.mjs";
import { until } from "../support/until.mjs";
import { doneOf, openWalkthrough } from "../support/walkthrough.mjs";

const DOOMED = "def unmistakable_zeppelin():\n    return 'a file that is deleted while the palette is open'\n";
const prepare = (workspace) => writeFileSync(join(workspace, "zeppelin.py"), DOOMED);
const test = useSession("gestures", { prepare });
const OTHER = "token bucket";
const RETRY = /call_with_retry/;
const BUCKET = /bucket\.go/;
const PALETTE = ".quick-input-widget";
const input = (bench) => bench.page.locator(`${PALETTE} input[type=text]`);
const tabs = (bench) => bench.page.locator(".part.editor .tab .label-name").allTextContents();

for (const pauseMs of [0, 60, 120])
  test(`Enter ${pauseMs} ms after the last key opens the answer to what is typed`, async ({ bench }) => {
    const { page } = bench;
    await bench.ready();
    await bench.command("View: Close All Editors");
    await bench.openSearch(QUESTION);
    await bench.rows(RETRY);
    await page.keyboard.press("Control+A");
    await page.keyboard.type(OTHER, { delay: 15 });
    if (pauseMs > 0) await page.waitForTimeout(pauseMs);
    await page.keyboard.press("Enter");
    await bench.closed();
    await until(async () => (await tabs(bench)).join() === "bucket.go", "the bucket alone").catch(async (error) => {
      throw new Error(`${error.message}; there were ${await tabs(bench)}`);
    });
  });

test("the last query is kept and selected, and typing replaces it", async ({ bench }) => {
  const { page } = bench;
  await bench.openSearch(QUESTION);
  await bench.rows(RETRY);
  await page.keyboard.press("Escape");
  await bench.openSearch();
  assert.equal(await input(bench).inputValue(), QUESTION);
  await bench.rows(RETRY);
  await page.keyboard.type(OTHER, { delay: 15 });
  assert.equal(await input(bench).inputValue(), OTHER);
  await bench.rows(BUCKET);
});

test("an empty palette lists the recent searches, which search again and can be removed", async ({ bench }) => {
  const { page } = bench;
  await bench.openSearch(OTHER);
  await bench.rows(BUCKET);
  await page.keyboard.press("Enter");
  await bench.closed();
  await bench.openSearch();
  await input(bench).fill("");
  const recent = page.locator(`${PALETTE} .monaco-list-row`, { hasText: OTHER });
  await recent.waitFor();
  await bench.shot("08-palette-recent");
  await recent.click();
  await bench.rows(BUCKET);
  assert.equal(await input(bench).inputValue(), OTHER);
  await input(bench).fill("");
  await recent.hover();
  await recent.locator("a[aria-label='Remove from Recent Searches']").click();
  await recent.waitFor({ state: "detached" });
});

test("a selection within a line is searched", async ({ bench }) => {
  const { page } = bench;
  await bench.openFile("api/parcelpost/carriers.py", 11);
  await page.keyboard.press("End");
  await page.keyboard.press("Shift+Home");
  await bench.openSearch();
  assert.match(await input(bench).inputValue(), /def call_with_retry/);
});

test("the first result is previewed when the query rests, below the palette, and marked", async ({ bench }) => {
  const { page } = bench;
  await bench.command("View: Close All Editors");
  await bench.openFile("gateway/webhooks/queue.go", 7);
  await bench.openSearch("Queue.Push waits until there is room");
  await bench.rows(/queue\.go/);
  await until(async () => /Ln 3\d,/.test((await bench.place()).cursor), "the preview of the first result");
  const line = page.locator(".part.editor .view-line", { hasText: /Push\(ctx/ });
  await line.waitFor();
  const [palette, target] = [await page.locator(PALETTE).boundingBox(), await line.boundingBox()];
  assert.ok(target.y > palette.y + palette.height, `${target.y} is below ${palette.y + palette.height}`);
  await bench.shot("09-palette-first");
  await page.keyboard.press("Escape");
  await bench.at("queue.go", 7);
});

test("a click into the preview keeps it", async ({ bench }) => {
  const { page } = bench;
  await bench.openSearch(QUESTION);
  await bench.rows(RETRY);
  await bench.at("carriers.py", 11);
  await bench.clickVisibleLine();
  await bench.closed();
  await page.waitForTimeout(500); // the editor would have been restored by now
  assert.equal((await bench.place()).file, "carriers.py");
});

for (const [key, value] of [
  ["F1", />.*/],
  ["Control+P", /^$/],
])
  test(`${key} replaces the palette, and the editor is restored behind the other palette`, async ({ bench }) => {
    const { page } = bench;
    await bench.command("View: Close All Editors");
    await bench.openFile("gateway/webhooks/queue.go", 7);
    await bench.openSearch(QUESTION);
    await bench.rows(RETRY);
    await page.keyboard.press("ArrowDown");
    await bench.at(...SECOND);
    await page.keyboard.press(key);
    await bench.at("queue.go", 7);
    await page.waitForTimeout(1000); // an editor that takes the focus would have closed the palette by now
    assert.match(await input(bench).inputValue(), value);
    assert.ok(await page.locator(`${PALETTE}:focus-within`).isVisible());
    await page.keyboard.press("Escape");
    await bench.closed();
    await page.locator(".part.editor .monaco-editor.focused").waitFor();
    await until(async () => (await tabs(bench)).join() === "queue.go", "the preview to be closed");
  });

test("a typed filter takes the place of one in the title", async ({ bench }) => {
  const { page } = bench;
  await bench.openSearch("rate limit lang:python ");
  await bench.rows(/\.py:/);
  await page.keyboard.press("Escape");
  await bench.openSearch();
  await page.keyboard.type("rate limit lang:go", { delay: 15 });
  await bench.rows(/\.go:/);
});

test("filters stay in the title until they are removed", async ({ bench }) => {
  const { page } = bench;
  const title = (text) => page.locator(`${PALETTE} .quick-input-title`, { hasText: text }).waitFor();
  await bench.openSearch("retry lang:python path:api/** ");
  await bench.rows(/\.py:/);
  await page.keyboard.press("Escape");
  await bench.openSearch();
  assert.equal(await input(bench).inputValue(), "retry");
  await title(/^lang:python {2}path:api\/\*\* — \d+ results?$/);
  await page.keyboard.type("rate limit", { delay: 15 });
  await title(/^lang:python {2}path:api\/\*\* — /);
  const rows = await bench.rows(/\.py:/);
  assert.ok(
    rows.every((row) => /api\/.*\.py:/.test(row)),
    rows.join("\n"),
  );
  await bench.shot("17-palette-chips");
  await page.locator(`${PALETTE} a[aria-label='Remove path:api/**']`).click();
  await title(/^lang:python — /);
  await page.locator(`${PALETTE} a[aria-label='Remove lang:python']`).click();
  await title(/^\d+\+? results?$/);
  await bench.rows(/\.go:/);
  assert.equal(await input(bench).inputValue(), "rate limit");
});

test("Go Back after Enter leads to where one was", async ({ bench }) => {
  const { page } = bench;
  await bench.command("View: Close All Editors");
  await bench.openFile("gateway/webhooks/queue.go", 7);
  await bench.openSearch(QUESTION);
  await bench.rows(RETRY);
  await page.keyboard.press("ArrowDown");
  await bench.at(...SECOND);
  await page.keyboard.press("ArrowUp");
  await bench.at("carriers.py", 11);
  await page.keyboard.press("Enter");
  await bench.closed();
  await until(async () => (await tabs(bench)).join() === "queue.go,carriers.py", "the result alone to be open");
  await bench.command("Go Back");
  await bench.at("queue.go", 7);
});

test("the walkthrough, opened after all that, marks what was done", async ({ bench }) => {
  await bench.command("Codekin: Focus on Related Code View");
  const [server, related, map, search] = await (await openWalkthrough(bench)).all();
  for (const step of [server, related, search]) await doneOf(step).waitFor();
  assert.equal(await doneOf(map).count(), 0);
});

test("a file that was deleted is named and leaves the list", async ({ bench, editor }) => {
  const { page } = bench;
  await bench.openSearch("zeppelin");
  await bench.rows(/zeppelin\.py/);
  // With the keyboard, because the palette soon lists it no more.
  rmSync(join(editor.workspace, "zeppelin.py"));
  await page.keyboard.press("Enter");
  await page.locator(".notification-toast", { hasText: /zeppelin\.py no longer exists/ }).waitFor();
});
