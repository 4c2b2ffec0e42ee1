// The Related Code view, hovers, CodeLens and workspace symbols.
import assert from "node:assert/strict";
import { useSession } from "../support/session.mjs";
import { until } from "../support/until.mjs";
import { settledRows } from "../support/workbench.mjs";

const test = useSession("related");
const VIEW = "[id='workbench.view.extension.codekin']";
const listOf = (bench) => bench.page.locator(`${VIEW} .monaco-list-row`);
const titleOf = (bench) => bench.page.locator(`${VIEW} .monaco-list-row[data-index="0"]`).getAttribute("aria-label");

/** Waits for the rows of a subject, one of which matches. */
async function shows(bench, subject, row = /./) {
  const titled = async () => (await titleOf(bench)) === `Related to ${subject}`;
  await until(titled, `related code of ${subject}`).catch(async (error) => {
    throw new Error(`${error.message}; it was ${await titleOf(bench)}`);
  });
  return settledRows(listOf(bench), (rows) => rows.some((label) => row.test(label)), `a row like ${row}`);
}

/** Checks that the title is unchanged for longer than the view takes to follow the cursor. */
async function stays(bench, title) {
  for (let times = 0; times < 10; times += 1) {
    assert.equal(await titleOf(bench), title);
    await bench.page.waitForTimeout(50);
  }
}

/**
 * Returns the lens above a line once its position is stable: lenses appear one by one in no order
 * and move the lines below them.
 */
function lensAbove(page, text) {
  const place = async () => {
    const line = await page.locator(".view-line", { hasText: text }).first().boundingBox();
    const lenses = await page.locator(".codelens-decoration").all();
    for (const lens of lenses) {
      const box = await lens.boundingBox();
      const away = box && line ? line.y - box.y : 0;
      if (away > 0 && away <= 2 * line.height) return { lens, at: `${line.y} ${box.y}` };
    }
    return undefined;
  };
  let before;
  let same = 0;
  return until(async () => {
    const found = await place();
    same = found?.at !== undefined && found.at === before ? same + 1 : 0;
    before = found?.at;
    return same >= 5 && found.lens;
  }, `a lens above ${text}`);
}

test("the view follows the cursor", async ({ bench }) => {
  await bench.ready();
  await bench.openFile("api/parcelpost/carriers.py", 12);
  await bench.command("Codekin: Focus on Related Code View");
  await shows(bench, "carriers.py:12");
  await bench.shot("11-related");
  await bench.openFile("gateway/limits/bucket.go", 20);
  await shows(bench, "bucket.go:20", /middleware\.go/);
});

test("a click opens the result and does not change the list", async ({ bench }) => {
  await bench.openFile("api/parcelpost/carriers.py", 12);
  const rows = await shows(bench, "carriers.py:12", /^test_gives_up/);
  await bench.page.locator(`${VIEW} .monaco-list-row[aria-level='2']`).first().click();
  await until(async () => (await bench.place()).file !== "carriers.py", "another file");
  await stays(bench, "Related to carriers.py:12");
  assert.deepEqual(await shows(bench, "carriers.py:12"), rows);
});

/** Runs in the page: keeps each list of labels that is drawn, until `stopped` is set. */
function record(selector) {
  const seen = new Set();
  const look = () => {
    const rows = [...document.querySelectorAll(selector)];
    rows.sort((one, other) => Number(one.dataset.index) - Number(other.dataset.index));
    seen.add(JSON.stringify(rows.map((row) => row.getAttribute("aria-label"))));
    if (!globalThis.stopped) requestAnimationFrame(look);
  };
  globalThis.stopped = false;
  globalThis.seenRows = seen;
  look();
}

test("rows of one place are never seen below the heading of another", async ({ bench }) => {
  const { page } = bench;
  await bench.openFile("gateway/limits/bucket.go", 20);
  const rows = { "Related to bucket.go:20": await shows(bench, "bucket.go:20") };
  await bench.openFile("api/parcelpost/carriers.py", 12);
  rows["Related to carriers.py:12"] = await shows(bench, "carriers.py:12");
  await page.evaluate(record, `${VIEW} .monaco-list-row`);
  // About as long as the view waits for the cursor to rest and the server takes to answer.
  for (const pauseMs of [200, 300, 400, 250, 350, 200, 300, 400, 250, 350, 220, 320]) {
    await page.keyboard.press("Control+Tab");
    await page.waitForTimeout(pauseMs);
  }
  const seen = await page.evaluate(() => {
    globalThis.stopped = true;
    return [...globalThis.seenRows].map((labels) => JSON.parse(labels));
  });
  const headings = new Set(seen.map(([heading]) => heading));
  assert.deepEqual([...headings].sort(), Object.keys(rows).sort());
  for (const [heading, ...others] of seen)
    for (const label of others) assert.ok(rows[heading].includes(label), `${label} below ${heading}`);
});

test("rows are grouped by relation, and a collapsed group stays collapsed", async ({ bench }) => {
  const { page } = bench;
  await bench.openFile("api/parcelpost/carriers.py", 12);
  const rows = await shows(bench, "carriers.py:12", /^test_gives_up/);
  assert.ok(
    rows.findIndex((row) => row.startsWith("Tests")) < rows.findIndex((row) => row.startsWith("test_gives_up")),
  );
  assert.ok(
    rows.some((row) => row.startsWith("Similar Code")),
    rows.join("\n"),
  );
  const tests = page.locator(`${VIEW} .monaco-list-row[aria-label^="Tests"]`);
  await tests.click();
  await page.locator(`${VIEW} .monaco-list-row[aria-label^="Tests"][aria-expanded=false]`).waitFor();
  await bench.openFile("api/parcelpost/pricing.py", 22);
  await shows(bench, "pricing.py:22", /^Similar Code/);
  await bench.openFile("api/parcelpost/carriers.py", 12);
  await shows(bench, "carriers.py:12", /^Similar Code/);
  await page.locator(`${VIEW} .monaco-list-row[aria-label^="Tests"][aria-expanded=false]`).waitFor();
  await tests.click();
  await shows(bench, "carriers.py:12", /^test_gives_up/);
});

test("a pinned view does not follow the cursor, an unpinned view does", async ({ bench }) => {
  await bench.openFile("gateway/webhooks/queue.go", 36);
  await shows(bench, "queue.go:36");
  await bench.command("Codekin: Find Related Code");
  await shows(bench, "queue.go:36 (pinned)");
  await bench.openFile("api/parcelpost/carriers.py", 12);
  await stays(bench, "Related to queue.go:36 (pinned)");
  await bench.shot("12-related-pinned");
  await bench.page.locator(".part.sidebar > .title a[aria-label='Unpin Related Code']").click();
  await shows(bench, "carriers.py:12");
});

test("a paused view does not follow the cursor, a resumed view does", async ({ bench }) => {
  const { page } = bench;
  await page.locator(".part.sidebar > .title a[aria-label='Pause Related Code']").click();
  const resume = page.locator(".part.sidebar > .title a[aria-label='Resume Related Code']");
  await resume.waitFor();
  const before = await titleOf(bench);
  await bench.openFile("gateway/limits/bucket.go", 20);
  await stays(bench, before);
  await resume.click();
  await shows(bench, "bucket.go:20");
});

test("a selection has related code", async ({ bench }) => {
  await bench.openFile("api/parcelpost/carriers.py", 11);
  for (let times = 0; times < 14; times += 1) await bench.page.keyboard.press("Shift+ArrowDown");
  // The editor requests code actions when the selection rests, and then tells a user who has just
  // requested them that there are none. View and light bulb show that its request is complete.
  await shows(bench, "carriers.py:11-24");
  await bench.page.locator(".lightBulbWidget:visible, .codicon-gutter-lightbulb:visible").first().waitFor();
  await bench.page.keyboard.press("Control+.");
  await bench.page.locator(".action-widget .monaco-list-row", { hasText: "Find related code" }).waitFor();
  await bench.page.keyboard.press("Enter");
  await shows(bench, "carriers.py:11-24 (pinned)");
  await bench.command("Codekin: Focus on Related Code View");
  await bench.page.locator(".part.sidebar > .title a[aria-label='Unpin Related Code']").click();
});

test("hover shows related code only if it is enabled", async ({ bench, editor }) => {
  const { page } = bench;
  await bench.openFile("api/parcelpost/carriers.py", 11);
  await page.mouse.move(700, 760);
  await page.locator(".view-line span", { hasText: "call_with_retry" }).first().hover();
  await page.waitForTimeout(1500); // hovers appear after 300 ms
  assert.equal(await page.locator(".monaco-hover", { hasText: "Related code" }).count(), 0);
  editor.setSettings({ "codekin.hover.enabled": true });
  const hover = page.locator(".monaco-hover", { hasText: "Related code" }).first();
  // The setting takes effect at some time after it is written.
  const shown = async () => {
    await page.mouse.move(700, 760);
    await page.locator(".view-line span", { hasText: "call_with_retry" }).first().hover();
    await page.waitForTimeout(1000);
    return hover.isVisible();
  };
  await until(shown, "a hover with related code");
  await until(() => hover.evaluate((element) => getComputedStyle(element).opacity === "1"), "the hover to be drawn");
  await bench.shot("13-hover");
  editor.setSettings({});
});

test("a code lens shows similar code and tests, and opens them", async ({ bench, editor }) => {
  const { page } = bench;
  await bench.openFile("api/parcelpost/carriers.py", 11);
  await page.mouse.move(700, 760); // away from the area that the previous hover may still cover
  editor.setSettings({ "codekin.codeLens": true });
  const lens = await lensAbove(page, "class CarrierUnavailable");
  await bench.shot("15-lens");
  await lens.locator("a", { hasText: /tested by test_/ }).click();
  await shows(bench, "carriers.py:7 (pinned)", /tested by/);
  editor.setSettings({});
  await page.locator(".codelens-decoration").first().waitFor({ state: "detached" });
});

test("workspace symbols are found", async ({ bench }) => {
  const { page } = bench;
  await page.keyboard.press("Control+T");
  await page.keyboard.type("call_with_retry", { delay: 15 });
  await bench.rows(/call_with_retry/);
  await bench.shot("14-symbols");
});

test("workspace symbols that the language server of TypeScript lists are not repeated", async ({ bench }) => {
  const { page } = bench;
  const list = page.locator(".quick-input-widget .monaco-list-row");
  const symbols = async (query, fit, timeoutMs) => {
    await bench.closePalette();
    await page.keyboard.press("Control+T");
    await page.locator(".quick-input-widget input[type=text]").fill(`#${query}`);
    return settledRows(list, fit, `symbols of ${query}`, timeoutMs);
  };
  const named = (name) => (row) => row.split(/[,(]/)[0].trim() === name;
  await bench.openFile("web/src/tracking/timeline.ts", 1);
  // Only TypeScript lists this variable, once its language server has read the file.
  const listed = () => symbols("steps", (rows) => rows.some(named("steps")), 2_000).catch(() => undefined);
  await until(listed, "the symbols of TypeScript");
  for (const name of ["groupByDay", "progressOf", "Day", "SearchBox"]) {
    const rows = await symbols(name, (all) => all.some(named(name)));
    assert.equal(rows.filter(named(name)).length, 1, rows.join("\n"));
  }
  // Names in other languages are still those of this extension.
  await symbols("call_with_retry", (rows) => rows.some(named("call_with_retry")));
  await bench.closePalette();
});

test("a document that is not saved has no related code, and says why", async ({ bench }) => {
  await bench.command("File: New Untitled Text File");
  await bench.command("Codekin: Find Related Code");
  await bench.page.locator(".notification-toast", { hasText: "Only saved files have related code" }).waitFor();
  await bench.command("Notifications: Clear All Notifications");
  await bench.command("View: Close Editor");
});

test("related code can be peeked at", async ({ bench }) => {
  const { page } = bench;
  await bench.openFile("api/parcelpost/carriers.py", 11);
  await bench.command("Codekin: Peek Related Code");
  await page.locator(".peekview-widget .monaco-list-row").first().waitFor();
  await bench.shot("16-peek");
  await page.keyboard.press("Escape");
});

test("a blank line has the related code of the nearest definition", async ({ bench }) => {
  await bench.command("Codekin: Unpin Related Code");
  await bench.openFile("api/parcelpost/carriers.py", 10);
  await shows(bench, "carriers.py:10");
});

test("the view can be pinned from the command palette, and a search can be limited to a folder", async ({ bench }) => {
  const { page } = bench;
  await bench.command("Codekin: Pin Related Code");
  await shows(bench, "carriers.py:10 (pinned)");
  await bench.command("Codekin: Unpin Related Code");
  await bench.command("Explorer: Focus on Folders View");
  await page.locator(".explorer-folders-view .monaco-list-row[aria-label^='gateway']").click({ button: "right" });
  await page.locator(".monaco-menu .action-label", { hasText: "Find in Folder with Codekin" }).hover();
  await page.keyboard.press("Enter");
  await page.locator(".quick-input-title", { hasText: "path:gateway/**" }).waitFor();
  await page.keyboard.type("rate limit", { delay: 15 });
  const rows = await bench.rows(/gateway\//);
  assert.ok(
    rows.every((row) => row.includes("gateway/")),
    rows.join("\n"),
  );
});
