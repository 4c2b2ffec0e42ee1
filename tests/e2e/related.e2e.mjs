// The view Related Code, and what every editor knows: hover, symbols.
import assert from "node:assert/strict";
import { useSession } from "./session.mjs";
import { until } from "./until.mjs";

const test = useSession("related");
const VIEW = "[id='workbench.view.extension.codekin']";
const rowsOf = (bench) =>
  bench.page.locator(`${VIEW} .monaco-list-row`).evaluateAll((rows) => rows.map((row) => row.textContent ?? ""));
const titleOf = (bench) => bench.page.locator(`${VIEW} .message`).first().textContent();

async function shows(bench, subject) {
  await until(async () => (await titleOf(bench))?.includes(subject), `related code of ${subject}`);
  return until(async () => {
    const rows = await rowsOf(bench);
    return rows.length > 0 && rows;
  }, "rows");
}

test("the view follows the cursor", async ({ bench }) => {
  await bench.ready();
  await bench.openFile("api/parcelpost/carriers.py", 12);
  await bench.command("Codekin: Focus on Related Code View");
  await shows(bench, "carriers.py:12");
  await bench.shot("11-related");
  await bench.openFile("gateway/limits/bucket.go", 20);
  const rows = await shows(bench, "bucket.go:20");
  assert.ok(
    rows.some((row) => /middleware\.go/.test(row)),
    rows.join("\n"),
  );
});

test("a click opens the result, and the list stays", async ({ bench }) => {
  await bench.openFile("api/parcelpost/carriers.py", 12);
  const rows = await shows(bench, "carriers.py:12");
  await bench.page.locator(`${VIEW} .monaco-list-row`).first().click();
  await until(async () => (await bench.place()).file !== "carriers.py", "another file");
  assert.deepEqual(await rowsOf(bench), rows);
  assert.match(await titleOf(bench), /carriers\.py:12/);
});

test("pinned, it stays; unpinned, it follows again", async ({ bench }) => {
  await bench.openFile("gateway/webhooks/queue.go", 36);
  await shows(bench, "queue.go:36");
  await bench.command("Codekin: Find Related Code");
  await shows(bench, "queue.go:36 (pinned)");
  await bench.openFile("api/parcelpost/carriers.py", 12);
  assert.match(await titleOf(bench), /queue\.go:36 \(pinned\)/);
  await bench.shot("12-related-pinned");
  await bench.page.locator(".part.sidebar > .title a[aria-label='Unpin']").click();
  await shows(bench, "carriers.py:12");
});

test("paused, it stays; resumed, it follows again", async ({ bench }) => {
  const { page } = bench;
  await page.locator(".part.sidebar > .title a[aria-label='Stop Following the Cursor']").click();
  const resume = page.locator(".part.sidebar > .title a[aria-label='Follow the Cursor']");
  await resume.waitFor();
  const before = await titleOf(bench);
  await bench.openFile("gateway/limits/bucket.go", 20);
  assert.equal(await titleOf(bench), before);
  await resume.click();
  await shows(bench, "bucket.go:20");
});

test("a selection has kin as well", async ({ bench }) => {
  await bench.openFile("api/parcelpost/carriers.py", 11);
  for (let times = 0; times < 14; times += 1) await bench.page.keyboard.press("Shift+ArrowDown");
  await bench.page.keyboard.press("Control+.");
  await bench.page.locator(".action-widget .monaco-list-row", { hasText: "Find related code" }).waitFor();
  await bench.page.keyboard.press("Enter");
  await shows(bench, "carriers.py:11-24 (pinned)");
  await bench.command("Codekin: Focus on Related Code View");
  await bench.page.locator(".part.sidebar > .title a[aria-label='Unpin']").click();
});

test("hover shows related code", async ({ bench }) => {
  const { page } = bench;
  await bench.openFile("api/parcelpost/carriers.py", 11);
  await page.locator(".view-line span", { hasText: "call_with_retry" }).last().hover();
  const hover = page.locator(".monaco-hover", { hasText: "Related code" }).first();
  await hover.waitFor();
  await until(() => hover.evaluate((element) => getComputedStyle(element).opacity === "1"), "the hover to be drawn");
  await bench.shot("13-hover");
});

test("a code lens says how much is alike and what tests it, and leads there", async ({ bench, editor }) => {
  const { page } = bench;
  await bench.openFile("api/parcelpost/carriers.py", 11);
  editor.setSettings({ "codekin.codeLens": true });
  const lens = page.locator(".codelens-decoration a", { hasText: /tested by test_/ }).first();
  await lens.waitFor();
  await bench.shot("15-lens");
  await lens.click();
  const rows = await shows(bench, "carriers.py:7 (pinned)");
  assert.ok(
    rows.some((row) => /tested by/.test(row)),
    rows.join("\n"),
  );
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
