/** The display language of the editor, in which numbers and dates are written. */

let chosen = "en";

export const language = (): string => chosen;

/** Sets the language, as a tag such as "pt-br". */
export function useLanguage(tag: string): void {
  chosen = tag;
}

/** Returns a number for display, such as "1,204". */
export const number = (value: number): string => value.toLocaleString(chosen);
