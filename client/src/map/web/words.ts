/** Texts that describe the map, mainly for screen readers. */
import * as l10n from "@vscode/l10n";
import type { SemanticMap } from "../../protocol";
import { number } from "../../language";
import { MAX_POINTS } from "../hits";
import { canvas, note, notice, search, summary } from "./elements";
import { folderText } from "./legend";

const KEYS = l10n.t(
  "Arrow keys move between points, Enter opens the selected point, plus and minus zoom, 0 shows all points, and slash moves to the search box.",
);

/** Describes what the map shows and removes the notice. */
export function describeMap({ shown, total, groups }: SemanticMap): void {
  const part = countText(shown, total);
  const folders = groups.map(folderText).join(", ");
  notice.hidden = true;
  const about = l10n.t("{0}. Similar chunks are near each other. Folders: {1}.", part, folders);
  summary.textContent = `${about} ${KEYS}`;
  canvas.setAttribute("aria-label", l10n.t("Semantic map, {0}", part));
  if (shown < total && !search.value) note.textContent = part;
}

/** Returns how many chunks of code there are, and how many of them are on the map. */
export function countText(shown: number, total: number): string {
  if (total > MAX_POINTS) return l10n.t("Sample of {0} of {1} chunks of code", number(shown), number(total));
  return shown < total
    ? l10n.t("{0} of {1} chunks of code", number(shown), number(total))
    : l10n.t("{0} chunks of code", number(shown));
}

/** Shows the reason why the map is missing or out of date. */
export function showNotice(text: string): void {
  notice.textContent = text;
  notice.hidden = false;
}
