/** The wheels that are part of the extension: the server, and the deep model. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Returns the path of the server's wheel, or undefined in a build without it. */
export const bundledWheel = (extensionFolder: string): string | undefined => wheelOf(extensionFolder, "codekin");

/** Returns the path of the deep model's wheel, or undefined in a build without it. */
export const bundledModel = (extensionFolder: string): string | undefined =>
  wheelOf(extensionFolder, "codekin_deep_model");

/** Size of the deep model when installed, in units of a million bytes. */
export const MODEL_MEGABYTES = 34;

function wheelOf(extensionFolder: string, distribution: string): string | undefined {
  const folder = join(extensionFolder, "dist", "wheel");
  try {
    const name = readdirSync(folder).find((file) => file.startsWith(`${distribution}-`) && file.endsWith(".whl"));
    return name === undefined ? undefined : join(folder, name);
  } catch {
    return undefined;
  }
}

/** Returns the version in the name of a wheel of codekin, or undefined for any other requirement. */
export function wheelVersion(requirement: string): string | undefined {
  return /(?:^|[\\/])codekin-([^-]+)-[^\\/]*\.whl$/.exec(requirement)?.[1];
}
