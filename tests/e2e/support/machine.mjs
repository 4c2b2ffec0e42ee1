// A machine with other Pythons or a read-only folder, for one editor: in a mount namespace of Linux.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const UNSHARE = ["unshare", "--user", "--map-root-user", "--mount"];
/** Where the extension looks for Python besides PATH and the home folder. */
const FIXED = ["/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3"];
/** Mounts what the words before "--" say, and then becomes the program of the words after it. */
const MOUNT = `
while [ "$1" != -- ]; do
  mount --bind "$1" "$2" || exit 1
  [ "$3" = rw ] || mount -o remount,ro,bind "$2" || exit 1
  shift 3
done
shift
exec "$@"
`;

/** Why such machines cannot be made here, or false. */
export function cannotMakeMachines() {
  const { status } = spawnSync(UNSHARE[0], [...UNSHARE.slice(1), "mount", "--bind", "/tmp", "/tmp"]);
  return status === 0 ? false : "mounting in a new namespace is not permitted";
}

/** Returns the words that run a program with `folders` read-only. They have to exist. */
export function withReadOnly(...folders) {
  return inNamespace(folders.map((folder) => [folder, folder, "ro"]));
}

/**
 * Returns the words that run a program without Python, or with Pythons of these versions, as
 * `{ name: [3, 8] }`. They answer what the extension asks, and cannot do anything else.
 */
export function withPythons(base, versions = {}) {
  const bin = join(base, "bin");
  mkdirSync(bin);
  for (const [name, version] of Object.entries(versions)) fakePython(join(bin, name), { version });
  const nothing = join(base, "nothing");
  writeFileSync(nothing, "");
  const over = FIXED.filter(existsSync).map((path) => [nothing, path, "ro"]);
  // With VSCODE_CLI, the editor does not ask the login shell for PATH.
  return inNamespace(over, `PATH=${bin}`, "VSCODE_CLI=1");
}

/** Creates a program that answers as Python does, and otherwise does what `otherwise` says. */
export function fakePython(path, { version, otherwise = "exit 1" }) {
  const report = { version, executable: path, prefix: path, codekin: null, venv: true };
  writeFileSync(path, `#!/bin/sh\nif [ "$1" = -c ]; then echo '${JSON.stringify(report)}'; else ${otherwise}; fi\n`);
  chmodSync(path, 0o755);
}

const inNamespace = (mounts, ...variables) => [
  ...UNSHARE,
  "sh",
  "-c",
  MOUNT,
  "sh",
  ...mounts.flat(),
  "--",
  "env",
  ...variables,
];
