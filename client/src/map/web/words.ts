/** What the page says of itself, to screen readers above all. */
import type { SemanticMap } from "../../protocol";
import { visible } from "../../visible";
import { canvas, note, notice, search, summary } from "./elements";

const KEYS =
  "Arrow keys go from one to its neighbour, Enter opens it, plus and minus zoom, 0 shows everything, slash searches.";

/** Says what the map shows, in the place of why there was none. */
export function introduce({ shown, total, groups }: SemanticMap): void {
  const number = (value: number): string => value.toLocaleString("en-US");
  const part = shown < total ? `A sample of ${number(shown)} of ${number(total)} chunks` : `${number(shown)} chunks`;
  const folders = groups.map((name) => visible(name) || "elsewhere").join(", ");
  notice.hidden = true;
  summary.textContent = `${part} of code, alike ones near each other, by folder: ${folders}. ${KEYS}`;
  canvas.setAttribute("aria-label", `Semantic map, ${part}`);
  if (shown < total && !search.value) note.textContent = part;
}

/** Says why there is no map, or none that is newer. */
export function excuse(text: string): void {
  notice.textContent = text;
  notice.hidden = false;
}
