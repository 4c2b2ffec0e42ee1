/** Workspace symbols that no other extension provides. */
import * as vscode from "vscode";

/** Positions of the same definition may differ by the lines of its comments and decorators. */
const NEAR_LINES = 3;
/** Queries for which the symbols of other extensions are being requested. */
const requested = new Set<string>();

type Symbols = readonly vscode.SymbolInformation[];

/**
 * Returns the symbols of `own` that other extensions do not provide. They are asked with the same
 * command as the editor uses, which asks this extension as well: that inner request gets none.
 */
export async function withoutRepeated(
  query: string,
  own: () => vscode.ProviderResult<vscode.SymbolInformation[]>,
): Promise<vscode.SymbolInformation[]> {
  if (requested.has(query)) return [];
  requested.add(query);
  try {
    const command = "vscode.executeWorkspaceSymbolProvider";
    const others = vscode.commands.executeCommand<Symbols | undefined>(command, query);
    const [mine, theirs] = await Promise.all([own(), others]);
    return (mine ?? []).filter((symbol) => !(theirs ?? []).some((other) => isSame(symbol, other)));
  } finally {
    requested.delete(query);
  }
}

function isSame(one: vscode.SymbolInformation, other: vscode.SymbolInformation): boolean {
  const bare = ({ name }: vscode.SymbolInformation): string => name.replace(/\(.*\)$/, "");
  return (
    bare(one) === bare(other) &&
    one.location.uri.toString() === other.location.uri.toString() &&
    Math.abs(one.location.range.start.line - other.location.range.start.line) <= NEAR_LINES
  );
}
