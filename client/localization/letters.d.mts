/** Returns a text in a language for tests. Placeholders remain. */
export function translated(text: string): string;
