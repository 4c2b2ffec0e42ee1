import type { RelatedParams } from "../protocol";
import { visible } from "../visible";

/**
 * The location whose related code is shown. Lines are 0-based and the end is exclusive, as in the
 * protocol.
 */
export interface Subject {
  uri: string;
  startLine: number;
  endLine: number;
}

export function relatedParams({ uri, startLine, endLine }: Subject, limit: number): RelatedParams {
  const range = { start: { line: startLine, character: 0 }, end: { line: endLine, character: 0 } };
  return { textDocument: { uri }, range, limit };
}

/** Returns the location for display, such as `carriers.py:11`. */
export function subjectText({ uri, startLine, endLine }: Subject): string {
  const name = visible(decoded(uri.slice(uri.lastIndexOf("/") + 1)));
  const first = startLine + 1;
  return endLine > first ? `${name}:${String(first)}-${String(endLine)}` : `${name}:${String(first)}`;
}

export function sameSubject(one: Subject | undefined, other: Subject | undefined): boolean {
  return one?.uri === other?.uri && one?.startLine === other?.startLine && one?.endLine === other?.endLine;
}

/**
 * Returns the subject of the server's code action, whose argument is `{textDocument, range}`, or
 * undefined for any other argument.
 */
export function subjectOf(argument: unknown): Subject | undefined {
  if (typeof argument !== "object" || argument === null) return undefined;
  const { textDocument, range } = argument as Partial<{
    textDocument: { uri: string };
    range: { start: { line: number }; end: { line: number; character: number } };
  }>;
  if (textDocument === undefined || range === undefined) return undefined;
  const endLine = Math.max(range.end.line + (range.end.character > 0 ? 1 : 0), range.start.line + 1);
  return { uri: textDocument.uri, startLine: range.start.line, endLine };
}

/** Decodes a part of a URI. Returns it unchanged if it is not valid UTF-8. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
