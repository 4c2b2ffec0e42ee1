/** The location of the server's private Python environment, in the storage folder of the extension. */
import { existsSync } from "node:fs";
import { join } from "node:path";

export const environmentFolder = (storage: string): string => join(storage, "env");

/** Returns the Python of the environment if it exists. */
export function environmentPython(storage: string): string | undefined {
  const python = pythonOf(environmentFolder(storage));
  return existsSync(python) ? python : undefined;
}

/** Returns the path of Python in an environment. */
export function pythonOf(environment: string): string {
  // eslint-disable-next-line codekin/shown-strings -- a path
  return join(environment, ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]));
}
