/** Returns the message of an error, for display. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
