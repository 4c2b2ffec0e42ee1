// Links of the terminal, and searches in what is open.
import { useSession } from "./support/session.mjs";
import { until } from "./support/until.mjs";

// Only the DOM renderer has text that the test can find.
const settings = {
  "terminal.integrated.gpuAcceleration": "off",
  "terminal.integrated.shellIntegration.enabled": false,
};
const test = useSession("terminal", { settings });
const PALETTE = ".quick-input-widget";

test("searches can be limited to the open editors and to the folder of the file", async ({ bench }) => {
  const { page } = bench;
  await bench.ready();
  await bench.openFile("gateway/limits/bucket.go", 7);
  await bench.command("Codekin: Search Code in Open Editors");
  await page.locator(`${PALETTE} .quick-input-title`, { hasText: "path:gateway/limits/bucket.go" }).waitFor();
  await page.keyboard.press("Escape");
  await bench.command("Codekin: Search Code in This Folder");
  await page.locator(`${PALETTE} .quick-input-title`, { hasText: "path:gateway/limits/**" }).waitFor();
});

test("a stack frame with the folders of a container opens the file of the workspace", async ({ bench }) => {
  const { page } = bench;
  await bench.command("Terminal: Create New Terminal");
  await page.locator(".xterm-rows").waitFor();
  await page.keyboard.type("printf 'panic at /srv/%s\\n' build/parcelpost/carriers.py:11\n", { delay: 5 });
  const row = page.locator(".xterm-rows > div", { hasText: /^panic at/ }).last();
  await row.waitFor();
  await until(async () => {
    const box = await row.boundingBox();
    const text = (await row.textContent()).trimEnd();
    const width = await row
      .locator("span")
      .first()
      .evaluate((span) => span.getBoundingClientRect().width / span.textContent.length);
    const point = [box.x + width * (text.indexOf("carriers") + 4), box.y + box.height / 2];
    await page.mouse.move(point[0] - 20, point[1]);
    await page.mouse.move(...point);
    await page.waitForTimeout(500); // the terminal asks for links when the pointer rests
    await page.keyboard.down("Control");
    await page.mouse.click(...point);
    await page.keyboard.up("Control");
    const place = await bench.place().catch(() => undefined);
    return place?.file === "carriers.py" && place.cursor?.startsWith("Ln 11,");
  }, "the file of the frame");
});
