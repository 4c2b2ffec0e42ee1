// The first run on a machine whose only Python is too old.
import { cannotMakeMachines, withPythons } from "../support/machine.mjs";
import { useSession } from "../support/session.mjs";

const within = (base) => withPythons(base, { python3: [3, 8] });
const skip = cannotMakeMachines();
const test = useSession("old-python", { machine: {}, own: false, within, skip });

test("the installation names the Python that is too old, and offers to get another", async ({ bench }) => {
  await bench.says(/The codekin server is not installed/);
  await bench.openSearch();
  await bench.rows(/Install the Server/);
  await bench.page.keyboard.press("Enter");
  const toast = bench.page.locator(".notification-toast", { hasText: /Python 3\.8.*needs Python 3\.10 or newer/ });
  for (const label of ["Get Python", "Choose Interpreter", "Try Again"])
    await toast.locator("a", { hasText: label }).waitFor();
  await bench.shot("74-old-python");
});

test("the list of Pythons says why it cannot be used", async ({ bench }) => {
  await bench.command("Notifications: Clear All Notifications");
  await bench.command("Codekin: Choose Interpreter");
  await bench.rows(/Python 3\.8.*older than 3\.10/);
  await bench.shot("75-old-python-list");
});
