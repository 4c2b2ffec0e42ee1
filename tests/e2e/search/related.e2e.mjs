// The view Related Code, and what every editor knows: hover, symbols.
import assert from "node:assert/strict";
import { useSession } from "../support/session.mjs";
import { until } from "../support/until.mjs";
import { settledRows } from "../support/workbench.mjs";

const test = useSession("related");
const VIEW = "[id='workbench.view.extension.codekin']";
const listOf = (bench) => bench.page.locator(`${VIEW} .monaco-list-row`);
const titleOf = (bench) => bench.page.locator(`${VIEW} .message`).first().textContent();

/** The rows of a subject, one of which fits: the workbench draws title and rows one after the other, in either order. */
async function shows(bench, subject, row = /./) {
  const titled = async () => (await titleOf(bench)) === `Like ${subject}`;
  await until(titled, `related code of ${subject}`).catch(async (error) => {
    throw new Error(`${error.message}; it was ${await titleOf(bench)}`);
  });
  return settledRows(listOf(bench), (rows) => rows.some((label) => row.test(label)), `a row like ${row}`);
}

/** Longer than the view waits before it follows the cursor. */
async function stays(bench, title) {
  for (let times = 0; times < 10; times += 1) {
    assert.equal(await titleOf(bench), title);
    await bench.page.waitForTimeout(50);
  }
}

/** The lens above a line, once it stands still: lenses come one by one in no order, and move what is below them. */
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

test("a click opens the result, and the list stays", async ({ bench }) => {
  await bench.openFile("api/parcelpost/carriers.py", 12);
  const rows = await shows(bench, "carriers.py:12", /^test_gives_up/);
  await bench.page.locator(`${VIEW} .monaco-list-row[data-index='0']`).click();
  await until(async () => (await bench.place()).file !== "carriers.py", "another file");
  await stays(bench, "Like carriers.py:12");
  assert.deepEqual(await shows(bench, "carriers.py:12"), rows);
});

test("pinned, it stays; unpinned, it follows again", async ({ bench }) => {
  await bench.openFile("gateway/webhooks/queue.go", 36);
  await shows(bench, "queue.go:36");
  await bench.command("Codekin: Find Related Code");
  await shows(bench, "queue.go:36 (pinned)");
  await bench.openFile("api/parcelpost/carriers.py", 12);
  await stays(bench, "Like queue.go:36 (pinned)");
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
  await stays(bench, before);
  await resume.click();
  await shows(bench, "bucket.go:20");
});

test("a selection has kin as well", async ({ bench }) => {
  await bench.openFile("api/parcelpost/carriers.py", 11);
  for (let times = 0; times < 14; times += 1) await bench.page.keyboard.press("Shift+ArrowDown");
  // The editor asks by itself once the selection rests, and then tells a person who asked just before that there is nothing: view
  // and bulb say that this is over.
  await shows(bench, "carriers.py:11-24");
  await bench.page.locator(".lightBulbWidget:visible, .codicon-gutter-lightbulb:visible").first().waitFor();
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
  await page.mouse.move(700, 760); // away from what the hover before may still cover
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
