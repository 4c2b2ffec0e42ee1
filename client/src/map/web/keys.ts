/** Keyboard control of the map: moving between points, zooming, searching and opening. */
import type { Spot } from "./canvas/camera";
import { canvas, search } from "./elements";
import { post } from "./host";
import { pick, step, type Direction } from "./picking";
import { isVisible, type Scene } from "./canvas/scene";
import type { Selection } from "./selection";
import type { Stage } from "./canvas/stage";

const ZOOM_STEP = 1.4;
const DIRECTIONS: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

export function listenToKeys(stage: Stage, selection: Selection): void {
  canvas.addEventListener("keydown", (event) => {
    if (stage.scene && pressed(event, stage.scene, stage, selection)) event.preventDefault();
  });
  search.addEventListener("input", () => post({ type: "search", query: search.value }));
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "ArrowDown") return;
    const [first] = stage.scene?.hits ?? [];
    canvas.focus();
    selection.go(first);
    event.preventDefault();
  });
}

/** Handles a key and returns whether it has a meaning. */
function pressed(event: KeyboardEvent, scene: Scene, stage: Stage, selection: Selection): boolean {
  const direction = DIRECTIONS[event.key];
  if (direction) {
    selection.go(neighbour(scene, direction));
    return true;
  }
  switch (event.key) {
    case "Enter":
      if (scene.selected === undefined) return false;
      post({ type: "open", point: scene.selected, beside: event.ctrlKey || event.metaKey });
      return true;
    case "+":
    case "=":
      stage.zoomBy(ZOOM_STEP, middle(stage, scene));
      return true;
    case "-":
      stage.zoomBy(1 / ZOOM_STEP, middle(stage, scene));
      return true;
    case "0":
      stage.fitAll();
      return true;
    case "/":
      search.focus();
      return true;
    case "Escape":
      selection.clear();
      return true;
    default:
      return false;
  }
}

/**
 * Returns the neighbour of the selected point, or the point nearest to the middle if none is
 * selected.
 */
function neighbour(scene: Scene, direction: Direction): number | undefined {
  const visible = (point: number): boolean => isVisible(scene, point);
  return scene.selected === undefined
    ? pick(scene.map.points, scene.camera, Infinity, visible)
    : step(scene.map.points, scene.selected, direction, visible);
}

/** Returns the selected point if it is on the screen, otherwise the middle. */
function middle(stage: Stage, { selected }: Scene): Spot {
  const { width, height } = stage.size;
  const spot = selected === undefined ? undefined : stage.spotOf(selected);
  return spot && stage.isOn(spot) ? spot : { x: width / 2, y: height / 2 };
}
