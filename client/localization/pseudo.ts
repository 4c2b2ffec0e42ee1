/**
 * Translates every text of the bundle into letters of another width, for tests that import this
 * first: what still has ordinary letters afterwards was not translated.
 */
import { readFileSync } from "node:fs";
import * as l10n from "@vscode/l10n";

const WIDER = 0xfee0;
const wide = (letter: string): string => String.fromCodePoint((letter.codePointAt(0) ?? 0) + WIDER);

/** Returns a text in the pseudo-language. Placeholders remain. */
export const translated = (text: string): string =>
  text.replace(/\{\d+\}|[A-Za-z]/g, (found) => (found.length > 1 ? found : wide(found)));

/** Returns a text without icons and without the name of the product. */
export const withoutNames = (text: string): string => text.replace(/\$\([\w~-]+\)|\bCodekin\b/g, "");

const texts = Object.keys(JSON.parse(readFileSync("l10n/bundle.l10n.json", "utf8")) as Record<string, string>);
l10n.config({ contents: Object.fromEntries(texts.map((text) => [text, translated(text)])) });
