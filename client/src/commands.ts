/** Commands by their names without the prefix. A failure is told where the command was given. */
import * as vscode from "vscode";
import { textOf } from "./errors";

export type Commands = Readonly<Record<string, (argument?: unknown) => unknown>>;

export function registerCommands(commands: Commands): vscode.Disposable {
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, run]) =>
      vscode.commands.registerCommand(`codekin.${name}`, (argument?: unknown) => telling(() => run(argument))),
    ),
  );
}

async function telling(run: () => unknown): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof vscode.CancellationError) return;
    void vscode.window.showErrorMessage(`Codekin: ${textOf(error)}`);
  }
}
