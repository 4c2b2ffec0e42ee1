/**
 * Commands of the Related Code view, and "Find Related Code" in menus, keys and the code action.
 */
import * as vscode from "vscode";
import { registerCommands } from "../commands";
import type { Result } from "../protocol";
import { locationOf } from "../results/text";
import type { Server } from "../server/server";
import { subjectOfEditor } from "./follow";
import { subjectOf } from "./subject";
import { RelatedView } from "./view";

export function registerRelated(server: Server): vscode.Disposable {
  const view = new RelatedView(server);
  const commands = registerCommands({
    findRelated: (argument) => {
      const subject = subjectOf(argument) ?? subjectOfEditor();
      return subject && view.find(subject);
    },
    "related.pause": () => view.setFollowing(false),
    "related.resume": () => view.setFollowing(true),
    "related.pin": () => view.setPinned(true),
    "related.unpin": () => view.setPinned(false),
    "related.refresh": () => view.refresh(),
    "related.open": (result) => view.open(result as Result),
    "related.copyPath": (result) => vscode.env.clipboard.writeText(locationOf(result as Result)),
    "related.openBeside": (result) => view.open(result as Result, vscode.ViewColumn.Beside),
  });
  return vscode.Disposable.from(view, commands);
}
