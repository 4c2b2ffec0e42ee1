/** The selected point: announces it to screen readers and requests its lines and similar points. */
import { bringIn } from "./canvas/camera";
import { announcement } from "./elements";
import { post } from "./host";
import { nameOf, placeOf, positionOf } from "./canvas/scene";
import type { Stage } from "./canvas/stage";

const DETAILS_DELAY_MS = 120;

export class Selection {
  private detailsTimer: number | undefined;

  constructor(private readonly stage: Stage) {}

  /** Selects a point and brings it onto the screen. Does nothing if `point` is undefined. */
  go(point: number | undefined): void {
    const { scene } = this.stage;
    if (scene === undefined || point === undefined) return;
    this.choose(point);
    this.stage.change({
      hovered: undefined,
      camera: bringIn(scene.camera, positionOf(scene.map, point), this.stage.size),
    });
  }

  /** Selects a point that is on the screen. */
  choose(point: number): void {
    const { scene } = this.stage;
    if (scene === undefined) return;
    this.stage.change({ selected: point, similar: [] });
    announcement.textContent = `${nameOf(scene.map, point)}, ${placeOf(scene.map, point)}`;
    this.requestDetails(point);
  }

  clear(): void {
    this.stage.change({ selected: undefined, hovered: undefined, similar: [] });
  }

  /** Requests the details of a point once the pointer or the selection has stayed on it. */
  requestDetails(point: number): void {
    window.clearTimeout(this.detailsTimer);
    this.detailsTimer = window.setTimeout(() => post({ type: "details", point }), DETAILS_DELAY_MS);
  }
}
