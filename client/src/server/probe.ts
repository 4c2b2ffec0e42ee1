/**
 * Checks whether programs can run codekin. Programs do not run in the folder of the workspace,
 * because Python would import modules from it.
 */
import { execFile } from "node:child_process";
import * as l10n from "@vscode/l10n";

/** The command that starts the server, with its arguments and working directory. */
export interface Launch {
  command: string;
  args: string[];
  cwd: string;
}

export interface Verdict {
  /** Undefined if the program cannot run the server. */
  launch: Launch | undefined;
  /** The version that was found, or the reason why the program cannot be used. */
  text: string;
}

const SERVE = ["serve", "--stdio"];
const PROBE_TIMEOUT_MS = 20_000;
const MIN_VERSION = [3, 10] as const;
// eslint-disable-next-line codekin/shown-strings -- a program
const PROBE = `
import importlib.util, json, sys
found = importlib.util.find_spec("codekin") is not None
print(json.dumps({
    "version": list(sys.version_info[:2]),
    "executable": sys.executable,
    "prefix": sys.prefix,
    "codekin": __import__("codekin").__version__ if found and sys.version_info >= (3, 10) else None,
    "venv": all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip")),
}))
`;

/** What is known about a program that should be a Python interpreter. */
export interface Interpreter {
  /** The name or path with which it was asked for. */
  program: string;
  /** Undefined if the program is not a Python interpreter or cannot be run. */
  executable: string | undefined;
  /** The folder of the installation or environment, which several programs may start. */
  prefix: string | undefined;
  version: readonly [number, number] | undefined;
  /** Whether codekin supports the version. */
  supported: boolean;
  codekin: string | undefined;
  hasVenv: boolean;
  /** Why the program is not an interpreter. */
  error: string | undefined;
}

/** Inspects a Python interpreter, given by path or name. Never rejects. */
export async function inspectPython(program: string, cwd: string, args: readonly string[] = []): Promise<Interpreter> {
  const { output, error } = await run(program, [...args, "-c", PROBE], cwd);
  const found = error === undefined ? parse(output) : undefined;
  if (found === undefined) {
    const why =
      error === undefined
        ? l10n.t("{0} is not a Python interpreter", program)
        : l10n.t("{0} cannot be run: {1}", program, error);
    const nothing = {
      executable: undefined,
      prefix: undefined,
      version: undefined,
      supported: false,
      codekin: undefined,
      hasVenv: false,
    };
    return { program, ...nothing, error: why };
  }
  const { version, executable, prefix, codekin, venv } = found;
  const supported = version[0] > MIN_VERSION[0] || (version[0] === MIN_VERSION[0] && version[1] >= MIN_VERSION[1]);
  return {
    program,
    executable,
    prefix,
    version,
    supported,
    codekin: codekin ?? undefined,
    hasVenv: venv,
    error: undefined,
  };
}

/** Checks whether a Python interpreter, given by path or name, can run the server. */
export async function probePython(python: string, cwd: string, args: readonly string[] = []): Promise<Verdict> {
  const { version, supported, codekin, error } = await inspectPython(python, cwd, args);
  if (version === undefined) return { launch: undefined, text: String(error) };
  const name = `${python} (Python ${version.join(".")})`;
  if (!supported) return { launch: undefined, text: l10n.t("{0} is older than {1}", name, MIN_VERSION.join(".")) };
  if (codekin === undefined) return { launch: undefined, text: l10n.t("{0} does not have codekin", name) };
  const launch = { command: python, args: [...args, "-m", "codekin", ...SERVE], cwd };
  return { launch, text: l10n.t("codekin {0} in {1}", codekin, name) };
}

/** Checks the command `codekin`. */
export async function probeCommand(command: string, cwd: string): Promise<Verdict> {
  const { output, error } = await run(command, ["--version"], cwd);
  if (error !== undefined) return { launch: undefined, text: l10n.t("{0} cannot be run: {1}", command, error) };
  if (!/^codekin\b/.test(output)) return { launch: undefined, text: l10n.t("{0} is not the codekin command", command) };
  return { launch: { command, args: SERVE, cwd }, text: `${output.trim()} (${command})` };
}

interface Probed {
  version: [number, number];
  executable: string;
  prefix: string;
  codekin: string | null;
  venv: boolean;
}

function parse(output: string): Probed | undefined {
  try {
    return JSON.parse(output) as Probed;
  } catch {
    return undefined;
  }
}

/** Runs a program and returns its standard output or the reason for its failure. Never rejects. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<{ output: string; error?: string }> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd, timeout: PROBE_TIMEOUT_MS, windowsHide: true }, (error, stdout, stderr) => {
      if (error === null) resolve({ output: stdout });
      else if (error.code === "ENOENT") resolve({ output: "", error: l10n.t("program not found") });
      else resolve({ output: "", error: stderr.trim().split("\n").at(-1) || error.message });
    });
  });
}
