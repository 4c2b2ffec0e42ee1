/** The location of the server's private Python environment, in the storage folder of the extension. */
import { existsSync, readdirSync } from "node:fs";
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

/**
 * Returns whether the environment has the deep model. This looks at the files, because the Python that
 * an environment was created from may be gone.
 */
export function hasDeepModel(storage: string): boolean {
  const environment = environmentFolder(storage);
  const inside = join("site-packages", "codekin_deep_model");
  return libraries(environment).some((folder) => existsSync(join(folder, inside)));
}

function libraries(environment: string): string[] {
  // eslint-disable-next-line codekin/shown-strings -- a path
  if (process.platform === "win32") return [join(environment, "Lib")];
  const folder = join(environment, "lib");
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}
