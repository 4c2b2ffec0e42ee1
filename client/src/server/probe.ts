/**
 * Checks whether programs can run codekin. Programs do not run in the folder of the workspace,
 * because Python would import modules from it.
 */
import { execFile } from "node:child_process";

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
const PROBE = `
import importlib.util, json, sys
found = importlib.util.find_spec("codekin") is not None
version = __import__("codekin").__version__ if found else None
print(json.dumps({"python": list(sys.version_info[:2]), "codekin": version}))
`;

/** Checks a Python interpreter, given by path or name. */
export async function probePython(python: string, cwd: string, args: readonly string[] = []): Promise<Verdict> {
  const { output, error } = await run(python, [...args, "-c", PROBE], cwd);
  if (error !== undefined) return { launch: undefined, text: `${python} cannot be run: ${error}` };
  const found = parse(output);
  if (found === undefined) return { launch: undefined, text: `${python} is not a Python interpreter` };
  const { python: version, codekin } = found;
  const name = `${python} (Python ${version.join(".")})`;
  if (version[0] < MIN_VERSION[0] || (version[0] === MIN_VERSION[0] && version[1] < MIN_VERSION[1]))
    return { launch: undefined, text: `${name} is older than ${MIN_VERSION.join(".")}` };
  if (codekin === null) return { launch: undefined, text: `${name} does not have codekin` };
  const launch = { command: python, args: [...args, "-m", "codekin", ...SERVE], cwd };
  return { launch, text: `codekin ${codekin} in ${name}` };
}

/** Checks the command `codekin`. */
export async function probeCommand(command: string, cwd: string): Promise<Verdict> {
  const { output, error } = await run(command, ["--version"], cwd);
  if (error !== undefined) return { launch: undefined, text: `${command} cannot be run: ${error}` };
  return { launch: { command, args: SERVE, cwd }, text: `${output.trim()} (${command})` };
}

function parse(output: string): { python: [number, number]; codekin: string | null } | undefined {
  try {
    return JSON.parse(output) as ReturnType<typeof parse>;
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
      else if (error.code === "ENOENT") resolve({ output: "", error: "program not found" });
      else resolve({ output: "", error: stderr.trim().split("\n").at(-1) || error.message });
    });
  });
}
