// A missing server: its messages and actions.
import { useSession } from "./support/session.mjs";

const test = useSession("missing", { machine: { "codekin.interpreter": "/nowhere/python" } });

test("an interpreter that cannot be run is named in the status, the message and the palette", async ({ bench }) => {
  const { page } = bench;
  await bench.says(/codekin\.interpreter does not name a usable program: \/nowhere\/python cannot be run/);
  const toast = page.locator(".notification-toast", { hasText: "/nowhere/python" });
  await toast.waitFor();
  await bench.command("Codekin: Focus on Related Code View");
  await page.locator(".welcome-view-content", { hasText: "Install in a Private Environment" }).waitFor();
  await bench.shot("31-missing");
  await bench.openSearch();
  await bench.rows(/Search is not available.*\/nowhere\/python/);
});

test("the installation is explained before it starts", async ({ bench }) => {
  await bench.command("Codekin: Install Server in a Private Environment");
  const dialog = bench.page.locator(".monaco-dialog-box", { hasText: "After that, nothing is downloaded" });
  await dialog.waitFor();
  await bench.shot("32-install");
  await dialog.locator(".monaco-button", { hasText: "Cancel" }).click();
});
