/**
 * Text of an untrusted repository, for display: characters that are invisible or reorder others
 * become escapes such as \u202e. The server does the same for other editors (`codekin.display`),
 * but sends snippets and paths unchanged.
 */

const INVISIBLE =
  "\\x00-\\x1f\\x7f-\\x9f" + // control characters, including line ends
  "\\xad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff" + // text direction, zero width
  "\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180d\\u180f\\u2800\\u3164\\uffa0" + // letters and marks without a glyph
  "\\ufe00-\\ufe0f\\ufff0-\\ufffb" + // variation selectors, annotations
  "\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}"; // shorthand, musical symbols, tags
/** Scripts and emoji need joiners and variation selectors between characters that are not ASCII. */
const JOINED = "(?<=[^\\x00-\\x7f])[\\u200c\\u200d](?=[^\\x00-\\x7f])|(?<=[^\\x00-\\x7f])[\\ufe0e\\ufe0f]";
const HIDDEN = new RegExp(`${JOINED}|([${INVISIBLE}]|\\p{Surrogate})`, "gu");
const HIDDEN_IN_CODE = new RegExp(`${JOINED}|((?![\\t\\n\\r])[${INVISIBLE}]|\\p{Surrogate})`, "gu");
const NAMES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const MARKDOWN = /[\\`*_{}[\]()<>#+!|~&@:$^=-]|\bwww(?=\.)|^\s*\d+(?=[.)])/g;
const ICON = /\$\((?=[a-z0-9-]+(?:~[a-z]+)?\))/gi;

/** Returns the text as one line, for a label. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (all, hidden?: string) => (hidden === undefined ? all : escape(hidden)));
}

/** Returns lines of code, with tabs and line ends unchanged. */
export function visibleCode(text: string): string {
  return text.replace(HIDDEN_IN_CODE, (all, hidden?: string) => (hidden === undefined ? all : escape(hidden)));
}

/** Returns a label for places where VS Code replaces `$(name)` with an icon. */
export function visibleLabel(text: string): string {
  return visible(text).replace(ICON, "\\$&");
}

/** Returns Markdown that shows the text literally, without links, images or markup. */
export function markdown(text: string): string {
  return visible(text).replace(MARKDOWN, (found) =>
    found.length === 1 && !/\d/.test(found) ? `\\${found}` : `${found}\\`,
  );
}

function escape(character: string): string {
  const name = NAMES[character];
  if (name !== undefined) return name;
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code < 0x100) return `\\x${digits.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
}
