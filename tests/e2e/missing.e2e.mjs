// No server: what is said, and where it leads.
import { useSession } from "./support/session.mjs";

const test = useSession("missing", { machine: { "codekin.interpreter": "/nowhere/python" } });

test("an interpreter that cannot be run is named wherever one looks", async ({ bench }) => {
  const { page } = bench;
  await bench.says(/codekin\.interpreter does not work: \/nowhere\/python cannot be run/);
  const toast = page.locator(".notification-toast", { hasText: "/nowhere/python" });
  await toast.waitFor();
  await bench.command("Codekin: Focus on Related Code View");
  await page.locator(".welcome-view-content", { hasText: "Install in a Private Environment" }).waitFor();
  await bench.shot("31-missing");
  await bench.openSearch();
  await bench.rows(/Codekin cannot search now.*\/nowhere\/python/);
});

test("installing is explained before it happens", async ({ bench }) => {
  await bench.command("Codekin: Install Server in a Private Environment");
  const dialog = bench.page.locator(".monaco-dialog-box", { hasText: "Afterwards nothing is downloaded" });
  await dialog.waitFor();
  await bench.shot("32-install");
  await dialog.locator(".monaco-button", { hasText: "Cancel" }).click();
});
