/** Commands of the Duplicates view. */
import * as vscode from "vscode";
import { registerCommands } from "../commands";
import type { Result } from "../protocol";
import { locationOf } from "../results/text";
import { open } from "../search/preview";
import type { Server } from "../server/server";
import { compare, registerExcerpts } from "./excerpts";
import type { Place } from "./groups";
import { DuplicatesView } from "./view";

export function registerDuplicates(server: Server): vscode.Disposable {
  const view = new DuplicatesView(server);
  const commands = registerCommands({
    showDuplicates: () => view.show(),
    "duplicates.refresh": () => view.refresh(),
    "duplicates.compare": (place) => compare(place as Place),
    "duplicates.open": (place) => opened(place as Place),
    "duplicates.openBeside": (place) => opened(place as Place, vscode.ViewColumn.Beside),
    "duplicates.copyPath": (place) => vscode.env.clipboard.writeText(locationOf((place as Place).result)),
  });
  return vscode.Disposable.from(view, commands, registerExcerpts());
}

async function opened({ result }: { result: Result }, column = vscode.ViewColumn.Active): Promise<void> {
  await open(result, { column });
}
