// Pictures of the palette, the view and the map in common themes, for visual review.
import { QUESTION, SECOND } from "./support/question.mjs";
import { useSession } from "./support/session.mjs";

const test = useSession("themes");
const THEMES = {
  light: "Default Light Modern",
  dark: "Default Dark Modern",
  contrast: "Default High Contrast",
  "contrast-light": "Default High Contrast Light",
};
const BACKGROUNDS = { light: "vs", dark: "vs-dark", contrast: "hc-black", "contrast-light": "hc-light" };

for (const [name, theme] of Object.entries(THEMES)) {
  test(`palette and view, ${name}`, async ({ bench, editor }) => {
    await bench.ready();
    editor.setSettings({ "workbench.colorTheme": theme });
    await bench.page.locator(`.monaco-workbench.${BACKGROUNDS[name]}`).waitFor();
    await bench.openFile("api/parcelpost/carriers.py", 12);
    await bench.command("Codekin: Focus on Related Code View");
    await bench.page.locator(".part.sidebar .monaco-list-row", { hasText: "Related to carriers.py:12" }).waitFor();
    await bench.openSearch(QUESTION);
    await bench.rows(/call_with_retry/);
    await bench.page.keyboard.press("ArrowDown");
    await bench.at(...SECOND);
    await bench.shot(`81-theme-${name}`);
    await bench.page.keyboard.press("Escape");
    await bench.at("carriers.py", 12); // The restored editor takes the focus, which would close the next palette.
    await bench.command("Codekin: Show Semantic Map");
    const map = bench.page.frameLocator("iframe.webview").frameLocator("#active-frame");
    await map.locator("#search").fill(QUESTION);
    await map.locator("#map[data-hits]:not([data-hits='0'])").waitFor();
    await map.locator("#search").press("Enter");
    await map.locator("#card", { hasText: "def call_with_retry" }).waitFor();
    await bench.shot(`82-map-${name}`);
    await bench.command("View: Close All Editors");
  });
}
