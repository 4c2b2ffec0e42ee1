// The semantic map: drawing, searching, keyboard and pointer.
import assert from "node:assert/strict";
import { useSession } from "../support/session.mjs";
import { until } from "../support/until.mjs";

const test = useSession("map");

/** Returns the page of the map, which the workbench nests in two frames. */
const pageOf = (bench) => bench.page.frameLocator("iframe.webview").frameLocator("#active-frame");
const canvasOf = (bench) => pageOf(bench).locator("#map");
/** Waits for the next frame, which draws the change of a key and updates the attributes. */
const drawn = (bench) =>
  canvasOf(bench).evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
const dataOf = async (bench, name) => (await canvasOf(bench).getAttribute(`data-${name}`)) ?? "";

test("every chunk is on the map, coloured by folder", async ({ bench }) => {
  await bench.ready();
  await bench.command("Codekin: Show Semantic Map");
  await until(async () => Number(await dataOf(bench, "shown").catch(() => 0)) > 50, "a drawn map");
  const folders = await pageOf(bench).locator("#legend button").allTextContents();
  for (const name of ["api", "gateway", "web"])
    assert.ok(
      folders.some((text) => text.startsWith(name)),
      folders.join(),
    );
  assert.match(await pageOf(bench).locator("#summary").textContent(), /^\d+ chunks of code\. /);
  await bench.shot("41-map");
});

test("regions have names, and zooming in names smaller ones", async ({ bench }) => {
  const regions = async () => (await dataOf(bench, "regions")).split("; ").filter((name) => name !== "");
  const before = await until(async () => {
    const names = await regions();
    return names.length > 0 && names;
  }, "names of regions");
  assert.equal(new Set(before).size, before.length);
  await canvasOf(bench).press("+");
  await canvasOf(bench).press("+");
  await until(async () => (await regions()).some((name) => !before.includes(name)), "a name of a smaller region");
  await bench.shot("41-map-zoomed");
  await canvasOf(bench).press("0");
  await until(async () => (await regions()).join() === before.join(), "the names of all regions");
});

test("a search highlights its results, and Enter selects the best", async ({ bench }) => {
  await pageOf(bench).locator("#search").fill("where is the retry logic?");
  await until(async () => Number(await dataOf(bench, "hits")) > 0, "hits");
  await pageOf(bench).locator("#search").press("Enter");
  await until(async () => /carriers\.py/.test(await dataOf(bench, "selected")), "the best hit to be selected");
  await until(async () => /def call_with_retry/.test(await pageOf(bench).locator("#card").textContent()), "its lines");
  await bench.shot("42-map-search");
});

test("Enter opens the point that the arrow keys selected", async ({ bench }) => {
  const before = await dataOf(bench, "selected");
  await canvasOf(bench).press("ArrowRight");
  await drawn(bench);
  if ((await dataOf(bench, "selected")) === before) await canvasOf(bench).press("ArrowLeft");
  const place = await until(async () => {
    const now = await dataOf(bench, "selected");
    return now !== before && now;
  }, "another point");
  await canvasOf(bench).press("Enter");
  const [, file, line] = /([^/]+):(\d+)/.exec(place);
  await bench.at(file, Number(line));
  await bench.shot("43-map-opened");
});

test("a file is shown on the map, with the number of its chunks and the one at the cursor", async ({ bench }) => {
  await bench.openFile("api/parcelpost/carriers.py", 12);
  await bench.command("Codekin: Show This File on the Semantic Map");
  await until(async () => /carriers\.py:11-24/.test(await dataOf(bench, "selected")), "the chunk at the cursor");
  const [, count] = /^(\d+) chunks of carriers\.py$/.exec(await pageOf(bench).locator("#note").textContent());
  assert.equal(await dataOf(bench, "hits"), count);
  await bench.shot("44-map-file");
});

test("a click opens a point", async ({ bench }) => {
  await pageOf(bench).locator("#search").fill("token bucket rate limit");
  await until(async () => Number(await dataOf(bench, "hits")) > 0, "hits");
  await until(async () => {
    // The results may still be those of an incomplete query, so repeat until the best one is right.
    await pageOf(bench).locator("#search").press("Enter");
    await drawn(bench);
    return /bucket/.test(await dataOf(bench, "selected"));
  }, "the bucket to be selected");
  const place = await dataOf(bench, "selected");
  const [x, y] = (await dataOf(bench, "selected-at")).split(",").map(Number);
  await canvasOf(bench).click({ position: { x, y } });
  const [, file, line] = /([^/]+):(\d+)/.exec(place);
  await bench.at(file, Number(line));
});

test("a folder that is hidden in the legend stays hidden when the map was not visible", async ({ bench }) => {
  const button = pageOf(bench).locator("#legend button").first();
  await button.click();
  await until(async () => (await button.getAttribute("aria-pressed")) === "false", "the folder to be hidden");
  await bench.openFile("README.md", 1);
  await bench.command("Codekin: Show Semantic Map");
  await until(async () => (await button.getAttribute("aria-pressed")) === "false", "the folder still to be hidden");
});
