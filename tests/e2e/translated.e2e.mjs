// The extension in another display language: what it shows is translated.
import assert from "node:assert/strict";
import { translated } from "../../client/localization/letters.mjs";
import { useSession } from "./support/session.mjs";
import { LANGUAGE } from "./support/translation.mjs";

const test = useSession("translated", { language: LANGUAGE });
const WORDS = /[A-Za-z]{2,}/;

test("status, palette and commands are in the display language", async ({ bench }) => {
  const { page } = bench;
  await bench.says(new RegExp(translated("Ready")));
  await bench.openSearch("where is the retry logic?");
  await bench.rows(/call_with_retry/);
  const found = page.locator(".quick-input-title", { hasText: translated("results") });
  await found.waitFor();
  assert.doesNotMatch(await found.textContent(), WORDS);
  assert.equal(
    await page.locator(".quick-input-widget input[type=text]").getAttribute("placeholder"),
    translated("Ask in words or type a name"),
  );
  await bench.shot("95-translated");
  await bench.closePalette();
  const title = translated("Show Semantic Map");
  await bench.inPalette("F1", async (input) => {
    await input.fill(`>${title}`);
    await bench.choose((row) => row.includes(title), title);
  });
});

test("the page of the map is in the display language", async ({ bench }) => {
  const map = bench.page.frameLocator("iframe.webview").frameLocator("#active-frame");
  await map.locator("#map[data-shown]").waitFor();
  const summary = await map.locator("#summary").textContent();
  assert.match(summary, new RegExp(translated("chunks of code")));
  assert.equal(await map.locator("#search").getAttribute("aria-label"), translated("Search the map"));
  assert.match(await map.locator("html").getAttribute("lang"), new RegExp(LANGUAGE));
});
