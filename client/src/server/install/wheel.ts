/** The wheel of the server that is part of the extension. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Returns the path of the wheel, or undefined in a build without it. */
export function bundledWheel(extensionFolder: string): string | undefined {
  const folder = join(extensionFolder, "dist", "wheel");
  try {
    const name = readdirSync(folder).find((file) => file.endsWith(".whl"));
    return name === undefined ? undefined : join(folder, name);
  } catch {
    return undefined;
  }
}

/** Returns the version in the name of a wheel of codekin, or undefined for any other requirement. */
export function wheelVersion(requirement: string): string | undefined {
  return /(?:^|[\\/])codekin-([^-]+)-[^\\/]*\.whl$/.exec(requirement)?.[1];
}
