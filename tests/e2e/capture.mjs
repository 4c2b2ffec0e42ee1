// Captures the pictures of the README and of the walkthrough in the real workbench: `npm run capture`.
import { mkdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import sharp from "sharp";
import { startEditor } from "./support/editor.mjs";
import { installEditor, isInstalled } from "./support/installEditor.mjs";
import { ROOT } from "./support/places.mjs";
import { QUESTION, SECOND } from "./support/question.mjs";
import { openWorkbench, startBrowser } from "./support/workbench.mjs";

const IMAGES = join(ROOT, "docs/images");
/** The pictures in it are part of the extension, so they are small. */
const WALKTHROUGH = join(ROOT, "client/media/walkthrough");
const RELATED_HEIGHT = 420;
/** The time after which the view of related code has followed all previews. */
const FOLLOWED_MS = 3_000;
/** The time after which toasts and hovers over the map are gone. */
const SETTLED_MS = 1_000;
const SETTINGS = {
  "editor.fontSize": 13,
  "window.commandCenter": false,
  "workbench.layoutControl.enabled": false,
};
const SMALL = { viewport: { width: 960, height: 600 } };
const SHARP = { viewport: { width: 1280, height: 760 }, deviceScaleFactor: 1.5 };

const THEMES = { dark: "Default Dark Modern", light: "Default Light Modern" };

if (!isInstalled()) installEditor();
mkdirSync(IMAGES, { recursive: true });
const browser = await startBrowser();
try {
  for (const look of Object.keys(THEMES)) await capture(look);
} finally {
  await browser.close();
}

async function capture(look) {
  const editor = await startEditor({ settings: { ...SETTINGS, "workbench.colorTheme": THEMES[look] } });
  try {
    await still(await openWorkbench(browser, editor, SHARP), look);
    if (look === "dark") await animation(await openWorkbench(browser, editor, SMALL));
  } finally {
    await editor.stop();
  }
}

/**
 * Captures a search beside the code related to the location in the editor, and each part alone for
 * the walkthrough.
 */
async function still(bench, look) {
  await bench.ready();
  const related = (to) =>
    bench.page.locator(".part.sidebar .monaco-list-row", { hasText: `Related to ${to}` }).waitFor();
  await bench.openFile("api/parcelpost/carriers.py", 11);
  await bench.command("Codekin: Focus on Related Code View");
  await related("carriers.py:11");
  const { x, y, width } = await bench.page.locator(".part.sidebar").boundingBox();
  const clip = { x, y, width, height: RELATED_HEIGHT };
  await write(WALKTHROUGH, `related-${look}.png`, drawing(await bench.page.screenshot({ clip })));
  await bench.openFile("gateway/webhooks/queue.go", 36);
  await related("queue.go:36");
  await bench.openSearch(QUESTION);
  await bench.rows(/call_with_retry/);
  await bench.page.keyboard.press("ArrowDown");
  await bench.at(...SECOND);
  await bench.page.keyboard.press("ArrowUp");
  await bench.at("carriers.py", 11);
  await bench.page.waitForTimeout(FOLLOWED_MS); // the view has followed the first of the previews before
  await related("carriers.py:11");
  if (look === "dark") await write(IMAGES, "search.png", drawing(await bench.page.screenshot()));
  const palette = await bench.page.locator(".quick-input-widget").screenshot();
  await write(WALKTHROUGH, `search-${look}.png`, drawing(palette));
  await bench.closePalette();
  await map(bench, look);
  await bench.page.close();
}

/** Captures the map, which the workbench nests in two frames, without the tabs above it. */
async function map(bench, look) {
  await bench.command("Codekin: Show Semantic Map");
  const page = bench.page.frameLocator("iframe.webview").frameLocator("#active-frame");
  await page.locator("#map[data-regions]:not([data-regions=''])").waitFor();
  await bench.page.mouse.move(1, 1);
  const clip = await bench.page.locator("iframe.webview").first().boundingBox();
  await bench.page.waitForTimeout(SETTLED_MS);
  await write(WALKTHROUGH, `map-${look}.png`, drawing(await bench.page.screenshot({ clip })));
}

/** Captures a search from the first key to the opened result. */
async function animation(bench) {
  const { page } = bench;
  await bench.ready();
  await bench.openFile("gateway/webhooks/queue.go", 36);
  await bench.command("View: Toggle Primary Side Bar Visibility");
  const frames = [];
  const keep = async (delayMs) => frames.push({ image: await page.screenshot({ caret: "initial" }), delayMs });
  await keep(800);
  await bench.openSearch();
  await bench.rows(/\d+ files indexed/);
  await keep(700);
  for (const part of QUESTION.match(/..?/g)) {
    await page.keyboard.type(part);
    await keep(110);
  }
  await bench.rows(/call_with_retry/);
  await keep(1600);
  for (const [key, file, line] of [
    ["ArrowDown", ...SECOND],
    ["ArrowDown", "store.py", 25],
    ["ArrowUp", ...SECOND],
    ["ArrowUp", "carriers.py", 11],
  ]) {
    await page.keyboard.press(key);
    await bench.at(file, line);
    await keep(900);
  }
  await page.keyboard.press("Enter");
  await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  await bench.at("carriers.py", 11);
  await keep(2500);
  const images = frames.map(({ image }) => image);
  const delay = frames.map(({ delayMs }) => delayMs);
  const look = { delay, loop: 0, colours: 64, dither: 0, effort: 10, interFrameMaxError: 4 };
  await write(IMAGES, "search.gif", sharp(images, { join: { animated: true } }).gif(look));
}

function drawing(image) {
  return sharp(image).png({ palette: true, colours: 128, effort: 10 });
}

async function write(folder, name, image) {
  const path = join(folder, name);
  await image.toFile(path);
  console.log(`${relative(ROOT, path)}: ${Math.round(statSync(path).size / 1000)} kB`);
}
