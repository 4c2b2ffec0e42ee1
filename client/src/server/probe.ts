/** Asks programs whether they can run codekin. No program runs in the workspace's folder: Python would import from it. */
import { execFile } from "node:child_process";

/** How to start the server: `command` with `args`, in `cwd`. */
export interface Launch {
  command: string;
  args: string[];
  cwd: string;
}

export interface Verdict {
  /** Undefined where the program cannot run the server. */
  launch: Launch | undefined;
  /** What was found, or what is wrong, in words. */
  text: string;
}

const SERVE = ["serve", "--stdio"];
const PROBE_TIMEOUT_MS = 20_000;
const OLDEST = [3, 10] as const;
const ASK = `
import importlib.util, json, sys
found = importlib.util.find_spec("codekin") is not None
version = __import__("codekin").__version__ if found else None
print(json.dumps({"python": list(sys.version_info[:2]), "codekin": version}))
`;

/** A Python, by path or by name. */
export async function probePython(python: string, cwd: string, args: readonly string[] = []): Promise<Verdict> {
  const { output, error } = await run(python, [...args, "-c", ASK], cwd);
  if (error !== undefined) return { launch: undefined, text: `${python} cannot be run: ${error}` };
  const found = parse(output);
  if (found === undefined) return { launch: undefined, text: `${python} does not answer as a Python does` };
  const { python: version, codekin } = found;
  const name = `${python} (Python ${version.join(".")})`;
  if (version[0] < OLDEST[0] || (version[0] === OLDEST[0] && version[1] < OLDEST[1]))
    return { launch: undefined, text: `${name} is older than ${OLDEST.join(".")}` };
  if (codekin === null) return { launch: undefined, text: `${name} does not have codekin` };
  const launch = { command: python, args: [...args, "-m", "codekin", ...SERVE], cwd };
  return { launch, text: `codekin ${codekin} of ${name}` };
}

/** The command `codekin` itself. */
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

/** Standard output, or why there is none. Never rejects. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<{ output: string; error?: string }> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd, timeout: PROBE_TIMEOUT_MS, windowsHide: true }, (error, stdout, stderr) => {
      if (error === null) resolve({ output: stdout });
      else if (error.code === "ENOENT") resolve({ output: "", error: "there is no such program" });
      else resolve({ output: "", error: stderr.trim().split("\n").at(-1) || error.message });
    });
  });
}
