/** The script of the map's page: handles messages of the extension and sets up keys and pointer. */
import "./translation";
import type { SemanticMap } from "../../protocol";
import type { ToPage } from "../messages";
import { PointIndex } from "../points";
import { canvas, fitButton, note, search } from "./elements";
import { saved, post } from "./host";
import { listenToKeys } from "./keys";
import { listenToPointer } from "./pointer";
import { Regions } from "./canvas/regions";
import { anchorOf } from "./canvas/scene";
import { Selection } from "./selection";
import { Stage } from "./canvas/stage";
import { showNotice, describeMap } from "./words";

const stage = new Stage();
const selection = new Selection(stage);

/**
 * Shows a map. The positions of points differ between maps, so the search is repeated and the
 * selected point is found again by its location.
 */
function showMap(map: SemanticMap): void {
  const before = stage.scene;
  const selected = before ? anchorOf(before) : saved.selected;
  const point = selected && new PointIndex(map).at(selected.uri, selected.line);
  describeMap(map);
  stage.set({
    map,
    camera: before?.camera ?? saved.camera,
    hidden: before?.hidden ?? new Set(saved.hidden ?? []),
    hits: new Set(),
    searching: false,
    selected: point,
    hovered: undefined,
    similar: [],
    regions: new Regions(map),
  });
  if (search.value) post({ type: "search", query: search.value });
  if (point !== undefined) selection.requestDetails(point);
}

window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  switch (data.type) {
    case "map":
      showMap(data.map);
      break;
    case "notice":
      showNotice(data.text);
      break;
    case "details":
      stage.setLines(data.point, data.lines);
      if (data.point === stage.scene?.selected) stage.change({ similar: data.similar });
      break;
    case "file":
      search.value = "";
      note.textContent = data.note;
      stage.change({ hits: new Set(data.points), searching: true });
      selection.go(data.selected);
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
// The card is visible only while the map has the focus.
for (const event of ["focus", "blur"]) canvas.addEventListener(event, () => stage.change({}));
new ResizeObserver(() => stage.change({})).observe(canvas);
new MutationObserver(() => stage.themeChanged()).observe(document.body, {
  attributes: true,
  attributeFilter: ["class"],
});
search.value = saved.query ?? "";
post({ type: "ready" });
