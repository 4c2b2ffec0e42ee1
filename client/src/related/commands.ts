/**
 * Commands of the Related Code view, and "Find Related Code" in menus, keys and the code action.
 */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { registerCommands } from "../commands";
import { documentOf } from "../past";
import type { Result } from "../protocol";
import { relatedRequest } from "../requests";
import { locationOf } from "../results/text";
import { selectionOf } from "../search/preview";
import type { Server } from "../server/server";
import { setting } from "../settings";
import { subjectOfEditor } from "./follow";
import { relatedParams, subjectOf, type Subject } from "./subject";
import { RelatedView } from "./view";

export function registerRelated(server: Server): vscode.Disposable {
  const view = new RelatedView(server);
  const commands = registerCommands({
    findRelated: (argument) => {
      const subject = subjectOf(argument) ?? subjectOfEditor();
      if (subject === undefined) throw new Error(l10n.t("Only saved files have related code. Save the file first."));
      return view.find(subject);
    },
    peekRelated: () => peek(server),
    "related.pause": () => view.setFollowing(false),
    "related.resume": () => view.setFollowing(true),
    "related.pin": () => view.setPinned(true),
    "related.unpin": () => view.setPinned(false),
    "related.refresh": () => view.refresh(),
    "related.openSubject": (subject) => view.openSubject(subject as Subject),
    "related.open": (result) => view.open(result as Result),
    "related.copyPath": (result) => vscode.env.clipboard.writeText(locationOf(result as Result)),
    "related.openBeside": (result) => view.open(result as Result, vscode.ViewColumn.Beside),
  });
  return vscode.Disposable.from(view, commands);
}

/** Shows the code related to the cursor in a peek view, in which it can be edited. */
async function peek(server: Server): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const subject = subjectOfEditor();
  if (editor === undefined || subject === undefined) return;
  const params = relatedParams(subject, setting("related.limit"));
  const { results, reasons } = await server.request(relatedRequest, params);
  const locations = results
    .filter(({ commit, kind }) => commit === undefined && kind !== "directory")
    .map((result) => new vscode.Location(documentOf(result), selectionOf(result)));
  if (locations.length === 0) throw new Error([l10n.t("No related code."), ...reasons].join(" "));
  const place = [editor.document.uri, editor.selection.active, locations, "peek"] as const;
  await vscode.commands.executeCommand("editor.action.peekLocations", ...place);
}
