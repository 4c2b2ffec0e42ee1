/**
 * Translates every text of the bundle into letters of another width, for tests that import this
 * first: what still has ordinary letters afterwards was not translated.
 */
import { readFileSync } from "node:fs";
import * as l10n from "@vscode/l10n";
import { translated } from "./letters.mjs";

/** Returns a text without icons and without the name of the product. */
export const withoutNames = (text: string): string => text.replace(/\$\([\w~-]+\)|\bCodekin\b/g, "");

const texts = Object.keys(JSON.parse(readFileSync("l10n/bundle.l10n.json", "utf8")) as Record<string, string>);
l10n.config({ contents: Object.fromEntries(texts.map((text) => [text, translated(text)])) });
