// An editor with a new profile, the extension and a copy of a workspace, served on loopback.
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { EDITOR_ENTRY, ROOT, VSIX, pythonPath } from "./places.mjs";
import { watchSockets } from "./sockets.mjs";
import { addLanguagePack, translateExtension } from "./translation.mjs";
import { until } from "./until.mjs";

/** The name of the second root folder. */
const SECOND = "second";
const NO_GALLERY = '{"serviceUrl":""}';
const LOOPBACK = / (?:127\.\d+\.\d+\.\d+|::1|localhost)$/;
const USER_SETTINGS = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "workbench.reduceMotion": "on",
  "telemetry.telemetryLevel": "off",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "update.mode": "none",
  "codekin.deep": "off",
  "git.enabled": false,
  "chat.disableAIFeatures": true,
  "editor.minimap.enabled": false,
};

/** Installs the extension. The runner installs it once for all editors. */
export function installExtension(extensions) {
  const folders = [
    "--config",
    "/dev/null",
    "--user-data-dir",
    join(extensions, "data"),
    "--extensions-dir",
    extensions,
  ];
  const env = { ...process.env, EXTENSIONS_GALLERY: NO_GALLERY };
  execFileSync(process.execPath, [EDITOR_ENTRY, ...folders, "--install-extension", VSIX], { env, stdio: "ignore" });
}

/**
 * Starts an editor. `settings` are user settings, and `machine` machine settings.
 * `prepare(workspace)` may add files before the start, and `beside(folder)` fills a second root
 * folder. With `own`, the server is that of this checkout. `variables` are additional environment
 * variables. `within(base)` returns the words that run the editor on another machine. `language` is
 * that of the display, which has translations for tests only.
 */
export async function startEditor({
  settings = {},
  machine = { "codekin.interpreter": pythonPath() },
  prepare,
  trusted = true,
  own = true,
  variables = {},
  within = () => [],
  beside,
  language,
} = {}) {
  const base = mkdtempSync(join(tmpdir(), "codekin-e2e-"));
  const workspace = join(base, "parcelpost");
  cpSync(join(ROOT, "sample_workspace"), workspace, { recursive: true });
  prepare?.(workspace);
  const data = join(base, "data");
  for (const folder of ["User", "Machine"]) mkdirSync(join(data, folder), { recursive: true });
  writeFileSync(join(data, "User/settings.json"), JSON.stringify({ ...USER_SETTINGS, ...settings }));
  const setMachine = (more) =>
    writeFileSync(join(data, "Machine/settings.json"), JSON.stringify({ ...machine, ...more }));
  setMachine({});
  const env = { ...environment(base, own), ...variables };
  let extensions = process.env.CODEKIN_E2E_EXTENSIONS ?? join(base, "extensions");
  if (process.env.CODEKIN_E2E_EXTENSIONS === undefined) installExtension(extensions);
  if (language !== undefined) {
    translateExtension(extensions, join(base, "translated"));
    extensions = join(base, "translated");
    addLanguagePack(data);
  }
  const folders = ["--config", "/dev/null", "--user-data-dir", data, "--extensions-dir", extensions];
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
    ...(language === undefined ? [] : ["--locale", language]),
  ];
  // A separate process group, because extension hosts and their servers outlive the main process.
  const [program, ...words] = [...within(base), process.execPath, EDITOR_ENTRY, ...serve];
  const process_ = spawn(program, words, {
    env,
    stdio: ["ignore", log, log],
    detached: true,
  });
  const sockets = watchSockets(process_.pid);
  const url = `http://127.0.0.1:${port}/?${opened(base, workspace, beside)}`;
  await until(async () => (await fetch(url).catch(() => undefined))?.ok, "the editor to respond", 120_000);
  return {
    url,
    workspace,
    /** The names of the folders that the window opens. */
    roots: [workspace, ...(beside ? [join(base, SECOND)] : [])].map((folder) => basename(folder)),
    data,
    base,
    /** Returns the process ids of the language servers that this editor has started. */
    servers() {
      const listed = execFileSync("ps", ["-eo", "pid=,pgid=,args="], { encoding: "utf8" });
      const own = listed.split("\n").map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line));
      return own
        .filter((found) => Number(found?.[2]) === process_.pid && / serve --stdio/.test(found[3]))
        .map(([, pid]) => Number(pid));
    },
    /** Runs the command line with the same index. */
    codekin: (...args) => execFileSync(pythonPath(), ["-m", "codekin", ...args], { env, cwd: base, encoding: "utf8" }),
    /** Replaces the settings of the workspace. They take effect in the open window. */
    setSettings(all) {
      mkdirSync(join(workspace, ".vscode"), { recursive: true });
      writeFileSync(join(workspace, ".vscode/settings.json"), JSON.stringify(all));
    },
    /** The logs of the editor and its extensions. */
    logs: [join(base, "editor.log"), join(data, "logs")],
    /**
     * Returns attempts of Python programs to connect beyond loopback, or undefined if none was
     * started.
     */
    attempts() {
      if (!existsSync(notesOf(base))) return undefined;
      const notes = readFileSync(notesOf(base), "utf8").trim().split("\n");
      return notes.filter((note) => !note.startsWith("started ") && !LOOPBACK.test(note));
    },
    /**
     * Returns sockets of the editor, its extensions and their servers that reach beyond loopback.
     */
    sockets: () => sockets.seen(),
    /** Adds machine settings to the initial ones. */
    setMachine,
    async stop() {
      sockets.end();
      await endGroup(process_.pid);
      rmSync(base, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

const notesOf = (base) => join(base, "notes.txt");

/**
 * Returns the query of the window's URL: the workspace, or a multi-root workspace of two folders.
 */
function opened(base, workspace, beside) {
  if (beside === undefined) return `folder=${encodeURIComponent(workspace)}`;
  const second = join(base, SECOND);
  mkdirSync(second);
  beside(second);
  const file = join(base, "both.code-workspace");
  writeFileSync(file, JSON.stringify({ folders: [{ path: workspace }, { path: second }] }));
  return `workspace=${encodeURIComponent(file)}`;
}

/** Returns the environment of the editor, without the user's files and without a marketplace. */
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
    CODEKIN_E2E_NOTES: notesOf(base),
    PYTHONPATH: [...(own ? [join(ROOT, "server")] : []), join(ROOT, "tests/e2e/watched")].join(delimiter),
    EXTENSIONS_GALLERY: NO_GALLERY,
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
