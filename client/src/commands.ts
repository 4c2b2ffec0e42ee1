/**
 * Registers commands by their names without the prefix, and shows the error of a command that
 * fails.
 */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { textOf } from "./errors";

export type Commands = Readonly<Record<string, (argument?: unknown) => unknown>>;

export function registerCommands(commands: Commands): vscode.Disposable {
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, run]) =>
      vscode.commands.registerCommand(`codekin.${name}`, (argument?: unknown) => showingErrors(() => run(argument))),
    ),
  );
}

async function showingErrors(run: () => unknown): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof vscode.CancellationError) return;
    void vscode.window.showErrorMessage(l10n.t("Codekin: {0}", textOf(error)));
  }
}
