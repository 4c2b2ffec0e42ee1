// One editor: a fresh profile with the extension, served on loopback, with a copy of a workspace.
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EDITOR_ENTRY, ROOT, VSIX, pythonPath } from "./places.mjs";
import { until } from "./until.mjs";

const USER_SETTINGS = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "workbench.reduceMotion": "on",
  "telemetry.telemetryLevel": "off",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "update.mode": "none",
  "git.enabled": false,
  "chat.disableAIFeatures": true,
  "editor.minimap.enabled": false,
};

/** `settings` are the user's, `machine` those of this machine; `prepare(workspace)` may add files before the start; `own`:
 * the server is this checkout's. */
export async function startEditor({
  settings = {},
  machine = { "codekin.interpreter": pythonPath() },
  prepare,
  trusted = true,
  own = true,
} = {}) {
  const base = mkdtempSync(join(tmpdir(), "codekin-e2e-"));
  const workspace = join(base, "parcelpost");
  cpSync(join(ROOT, "sample_workspace"), workspace, { recursive: true });
  prepare?.(workspace);
  const data = join(base, "data");
  for (const folder of ["User", "Machine"]) mkdirSync(join(data, folder), { recursive: true });
  writeFileSync(join(data, "User/settings.json"), JSON.stringify({ ...USER_SETTINGS, ...settings }));
  writeFileSync(join(data, "Machine/settings.json"), JSON.stringify(machine));
  const env = environment(base, own);
  const folders = ["--config", "/dev/null", "--user-data-dir", data, "--extensions-dir", join(base, "extensions")];
  execFileSync(process.execPath, [EDITOR_ENTRY, ...folders, "--install-extension", VSIX], { env, stdio: "ignore" });
  const port = await freePort();
  const log = openSync(join(base, "editor.log"), "a");
  const quiet = [
    "--auth",
    "none",
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-getting-started-override",
  ];
  const serve = [
    ...folders,
    "--bind-addr",
    `127.0.0.1:${port}`,
    ...quiet,
    ...(trusted ? ["--disable-workspace-trust"] : []),
    workspace,
  ];
  // A process group of its own: extension hosts and their servers outlive the main process.
  const process_ = spawn(process.execPath, [EDITOR_ENTRY, ...serve], {
    env,
    stdio: ["ignore", log, log],
    detached: true,
  });
  const url = `http://127.0.0.1:${port}/?folder=${encodeURIComponent(workspace)}`;
  await until(async () => (await fetch(url).catch(() => undefined))?.ok, "the editor to answer", 120_000);
  return {
    url,
    workspace,
    data,
    base,
    /** Process ids of the language servers that this editor has started. */
    servers() {
      const listed = execFileSync("ps", ["-eo", "pid=,pgid=,args="], { encoding: "utf8" });
      const own = listed.split("\n").map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line));
      return own
        .filter((found) => Number(found?.[2]) === process_.pid && / serve --stdio/.test(found[3]))
        .map(([, pid]) => Number(pid));
    },
    /** Runs the command line on the same index. */
    codekin: (...args) => execFileSync(pythonPath(), ["-m", "codekin", ...args], { env, cwd: base, encoding: "utf8" }),
    /** Settings of the workspace, in the place of those before; they take effect in the open window. */
    setSettings(all) {
      mkdirSync(join(workspace, ".vscode"), { recursive: true });
      writeFileSync(join(workspace, ".vscode/settings.json"), JSON.stringify(all));
    },
    async stop() {
      await endGroup(process_.pid);
      rmSync(base, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** Nothing of the user's own is read or written, and no marketplace is asked. */
function environment(base, own) {
  const home = join(base, "home");
  mkdirSync(home);
  return {
    ...process.env,
    HOME: home,
    XDG_CONFIG_HOME: join(home, ".config"),
    XDG_DATA_HOME: join(home, ".local/share"),
    XDG_CACHE_HOME: join(home, ".cache"),
    CODEKIN_HOME: join(base, "indexes"),
    ...(own ? { PYTHONPATH: join(ROOT, "server") } : {}),
    EXTENSIONS_GALLERY: '{"serviceUrl":""}',
  };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function endGroup(pid) {
  const alive = () => {
    try {
      process.kill(-pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  if (alive()) process.kill(-pid, "SIGTERM");
  try {
    await until(() => !alive(), "the editor to end", 20_000);
  } catch {
    process.kill(-pid, "SIGKILL");
  }
}
