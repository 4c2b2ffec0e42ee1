/** Texts that describe the map, mainly for screen readers. */
import type { SemanticMap } from "../../protocol";
import { visible } from "../../visible";
import { canvas, note, notice, search, summary } from "./elements";

const KEYS =
  "Arrow keys move between points, Enter opens the selected point, plus and minus zoom, 0 shows all points, and slash moves to the search box.";

/** Describes what the map shows and removes the notice. */
export function describeMap({ shown, total, groups }: SemanticMap): void {
  const number = (value: number): string => value.toLocaleString("en-US");
  const part = shown < total ? `Sample of ${number(shown)} of ${number(total)} chunks` : `${number(shown)} chunks`;
  const folders = groups.map((name) => visible(name) || "other").join(", ");
  notice.hidden = true;
  summary.textContent = `${part} of code. Similar chunks are near each other. Folders: ${folders}. ${KEYS}`;
  canvas.setAttribute("aria-label", `Semantic map, ${part}`);
  if (shown < total && !search.value) note.textContent = part;
}

/** Shows the reason why the map is missing or out of date. */
export function showNotice(text: string): void {
  notice.textContent = text;
  notice.hidden = false;
}
