/** The page of the map: takes what the extension sends, and hands keys and the pointer to those who know them. */
import type { SemanticMap } from "../../protocol";
import type { ToPage } from "../messages";
import { PointIndex } from "../points";
import { canvas, fitButton, note, search } from "./elements";
import { saved, tell } from "./host";
import { listenToKeys } from "./keys";
import { listenToPointer } from "./pointer";
import { anchorOf } from "./scene";
import { Selection } from "./selection";
import { Stage } from "./stage";
import { excuse, introduce } from "./words";

const stage = new Stage();
const selection = new Selection(stage);

/** Points have other numbers in each map: what was found is asked for again, what is selected is looked for. */
function takeMap(map: SemanticMap): void {
  const before = stage.scene;
  const selected = before ? anchorOf(before) : saved.selected;
  const point = selected && new PointIndex(map).at(selected.uri, selected.line);
  introduce(map);
  stage.set({
    map,
    camera: before?.camera ?? saved.camera,
    hidden: before?.hidden ?? new Set(saved.hidden ?? []),
    hits: new Set(),
    searching: false,
    selected: point,
    hovered: undefined,
    kin: [],
  });
  if (search.value) tell({ type: "search", query: search.value });
  if (point !== undefined) selection.look(point);
}

window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  switch (data.type) {
    case "map":
      takeMap(data.map);
      break;
    case "notice":
      excuse(data.text);
      break;
    case "look":
      stage.setLines(data.point, data.lines);
      if (data.point === stage.scene?.selected) stage.change({ kin: data.kin });
      break;
    case "hits":
      note.textContent = data.note;
      stage.change({ hits: new Set(data.points), searching: data.query !== "" });
      break;
  }
});
listenToKeys(stage, selection);
listenToPointer(stage, selection);
fitButton.addEventListener("click", () => stage.fitAll());
// The card is shown while the map has the focus.
for (const event of ["focus", "blur"]) canvas.addEventListener(event, () => stage.change({}));
new ResizeObserver(() => stage.change({})).observe(canvas);
new MutationObserver(() => stage.themeChanged()).observe(document.body, {
  attributes: true,
  attributeFilter: ["class"],
});
search.value = saved.query ?? "";
tell({ type: "ready" });
