// axe-core finds nothing on the pages that the extension draws itself: the map and the walkthrough.
import assert from "node:assert/strict";
import axe from "axe-core";
import { useSession } from "../support/session.mjs";
import { until } from "../support/until.mjs";
import { doneOf, openWalkthrough } from "../support/walkthrough.mjs";

const test = useSession("accessibility");
const THEMES = { "Default Light Modern": "vs", "Default Dark Modern": "vs-dark", "Default High Contrast": "hc-black" };

/**
 * Returns the violations on the page of an element, or in the elements of `selector`, each with the
 * rule and the elements.
 */
async function violations(locator, selector, rules = {}) {
  const frame = await (await locator.elementHandle()).ownerFrame();
  await frame.evaluate(axe.source);
  const run = ([context, options]) => globalThis.axe.run(context ?? document, options);
  const { violations: found } = await frame.evaluate(run, [selector, { rules }]);
  return found.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${help}: ${target.join(" ")}`));
}

const pageOf = (bench) => bench.page.frameLocator("iframe.webview").frameLocator("#active-frame");

for (const [theme, background] of Object.entries(THEMES))
  test(`the map with results and a card, ${theme}`, async ({ bench, editor }) => {
    await bench.ready();
    editor.setSettings({ "workbench.colorTheme": theme });
    await bench.page.locator(`.monaco-workbench.${background}`).waitFor();
    await bench.command("Codekin: Show Semantic Map");
    const map = pageOf(bench);
    await map.locator("#search").fill("where is the retry logic?");
    await map.locator("#map[data-hits]:not([data-hits='0'])").waitFor();
    await map.locator("#search").press("Enter");
    await map.locator("#card", { hasText: "def call_with_retry" }).waitFor();
    assert.deepEqual(await violations(map.locator("#map")), []);
    await bench.command("View: Close All Editors");
  });

/**
 * Returns the text and the violations of a page of the walkthrough, or undefined while the editor
 * shows one that was checked, or replaces it.
 */
async function newPage(body, checked) {
  try {
    await body.locator("p").first().waitFor();
    const text = await body.textContent();
    if (checked.includes(text)) return undefined;
    // The document around the content is VS Code's own, and has neither a title nor landmarks.
    return { text, found: await violations(body, "body > *", { region: { enabled: false } }) };
  } catch (error) {
    if (/detached|context was destroyed|no longer attached/.test(error.message)) return undefined;
    throw error;
  }
}

/** Returns the name of the picture beside a step, or undefined if it has a page instead. */
async function pictureOf(bench, step) {
  const picture = bench.page.locator(".gettingStartedContainer .getting-started-media img").first();
  const shown = async () => {
    if (await bench.page.locator("iframe.webview").first().isVisible()) return "page";
    if (!(await picture.isVisible())) return undefined;
    const { alt, name, width } = await picture.evaluate((image) => ({
      alt: image.alt,
      name: /(\w+-\w+\.png)/.exec(decodeURIComponent(image.currentSrc))?.[1] ?? image.currentSrc,
      width: image.naturalWidth,
    }));
    return name.startsWith(step) && alt !== "" && width > 0 ? name : undefined;
  };
  const found = await until(shown, `the picture or page of ${step}`).catch(async (error) => {
    const images = await bench.page
      .locator(".gettingStartedContainer img")
      .evaluateAll((all) => all.map(({ src, alt, naturalWidth }) => `${src} "${alt}" ${naturalWidth}`));
    throw new Error(`${error.message}; there were ${images.join("; ")}`);
  });
  return found === "page" ? undefined : found;
}

test("the pages and pictures of the walkthrough", async ({ bench, editor }) => {
  const steps = await openWalkthrough(bench);
  const checked = [];
  const pictures = [];
  for (const step of await steps.all()) {
    const title = await step.locator(".step-title").textContent();
    const id = (await step.getAttribute("data-step-id")).split("#").pop();
    await step.click();
    const picture = await pictureOf(bench, id);
    pictures.push(picture);
    if (picture !== undefined) {
      await bench.shot(`90-walkthrough-${id}`);
      continue;
    }
    const { text, found } = await until(() => newPage(pageOf(bench).locator("body"), checked), `the page of ${title}`);
    checked.push(text);
    assert.deepEqual(found, [], title);
    await bench.shot(`90-walkthrough-${id}`);
  }
  assert.equal(pictures.length, 4);
  const look = (await bench.page.locator(".monaco-workbench.vs").count()) > 0 ? "light" : "dark";
  assert.deepEqual(
    pictures.slice(1),
    ["related", "map", "search"].map((name) => `${name}-${look}.png`),
  );
  const other = look === "light" ? "dark" : "light";
  editor.setSettings({ "workbench.colorTheme": `Default ${other === "dark" ? "Dark" : "Light"} Modern` });
  await until(
    async () => (await pictureOf(bench, "search")) === `search-${other}.png`,
    "the picture of the other theme",
  );
});

test("the walkthrough ends with a search, shows its key, and is complete after it", async ({ bench }) => {
  const steps = await openWalkthrough(bench);
  const step = steps.last();
  await doneOf(steps.first()).waitFor(); // the server was running before the walkthrough was opened
  assert.match(await step.textContent(), /Run a first search/);
  await step.click();
  await step.locator(".shortcut-message", { hasText: /Ctrl.*Shift.*Alt.*F/ }).waitFor();
  assert.equal(await doneOf(step).count(), 0);
  await step.locator(".monaco-button", { hasText: "Search Code" }).click();
  await bench.page.locator(".quick-input-widget input[type=text]").waitFor();
  await bench.page.keyboard.type("where is the retry logic?", { delay: 15 });
  await bench.rows(/call_with_retry/);
  await bench.closePalette(); // the preview of the first result had replaced the walkthrough
  await doneOf((await openWalkthrough(bench)).last()).waitFor();
});
