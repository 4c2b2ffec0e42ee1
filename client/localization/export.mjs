// Exports the texts of the extension for translators: `npm run l10n` writes l10n/bundle.l10n.json.
// The texts of package.json are in package.nls.json.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { getL10nJson } from "@vscode/l10n-dev";

export const BUNDLE = "l10n/bundle.l10n.json";
const SOURCES = "client/src";

/** Returns the texts that the modules of the extension pass to `l10n.t`, as the content of the bundle. */
export async function exported() {
  const names = readdirSync(SOURCES, { recursive: true }).filter((name) => /(?<!\.test)\.ts$/.test(name));
  const files = names.sort().map((name) => ({ extension: ".ts", contents: readFileSync(join(SOURCES, name), "utf8") }));
  const texts = Object.entries(await getL10nJson(files)).sort(([one], [other]) => (one < other ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(texts), undefined, 2)}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  mkdirSync("l10n", { recursive: true });
  writeFileSync(BUNDLE, await exported());
}
