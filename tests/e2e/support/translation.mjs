// A display language for tests.
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { translated } from "../../../client/localization/letters.mjs";
import { ROOT } from "./places.mjs";

export const LANGUAGE = "qps-ploc";
const read = (path) => JSON.parse(readFileSync(path, "utf8"));

/** Copies installed extensions to a folder and translates this one there. */
export function translateExtension(installed, folder) {
  cpSync(installed, folder, { recursive: true });
  const name = readdirSync(folder).find((entry) => entry.startsWith("codekin.codekin-"));
  const own = join(folder, name);
  const bundle = Object.keys(read(join(ROOT, "l10n/bundle.l10n.json"))).map((text) => [text, translated(text)]);
  // Descriptions contain links and names of settings.
  const titles = Object.entries(read(join(ROOT, "package.nls.json")))
    .filter(([key]) => /^(?:command|view|container)\./.test(key))
    .map(([key, text]) => [key, translated(text)]);
  writeFileSync(join(own, `l10n/bundle.l10n.${LANGUAGE}.json`), JSON.stringify(Object.fromEntries(bundle)));
  writeFileSync(join(own, `package.nls.${LANGUAGE}.json`), JSON.stringify(Object.fromEntries(titles)));
}

/** Adds a language pack without texts of the editor, which remain in English. */
export function addLanguagePack(data) {
  const texts = join(data, "pack.json");
  writeFileSync(texts, JSON.stringify({ version: "1.0.0", contents: {} }));
  const pack = {
    hash: "0",
    label: LANGUAGE,
    extensions: [{ extensionIdentifier: { id: "codekin.pack" }, version: "1.0.0" }],
    translations: { vscode: texts },
  };
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, "languagepacks.json"), JSON.stringify({ [LANGUAGE]: pack }));
}
