/** The point that is chosen: it is said to screen readers, and its lines and kin are asked for. */
import { bringIn } from "./camera";
import { said } from "./elements";
import { tell } from "./host";
import { nameOf, placeOf, whereIs } from "./scene";
import type { Stage } from "./stage";

const LOOK_MS = 120;

export class Selection {
  private looking: number | undefined;

  constructor(private readonly stage: Stage) {}

  /** Goes to a point; nothing where there is none. */
  go(point: number | undefined): void {
    const { scene } = this.stage;
    if (scene === undefined || point === undefined) return;
    this.choose(point);
    this.stage.change({
      hovered: undefined,
      camera: bringIn(scene.camera, whereIs(scene.map, point), this.stage.size),
    });
  }

  /** Takes a point that one sees. */
  choose(point: number): void {
    const { scene } = this.stage;
    if (scene === undefined) return;
    this.stage.change({ selected: point, kin: [] });
    said.textContent = `${nameOf(scene.map, point)}, ${placeOf(scene.map, point)}`;
    this.look(point);
  }

  clear(): void {
    this.stage.change({ selected: undefined, hovered: undefined, kin: [] });
  }

  /** Asks for the lines and the kin of a point that one stays on. */
  look(point: number): void {
    window.clearTimeout(this.looking);
    this.looking = window.setTimeout(() => tell({ type: "look", point }), LOOK_MS);
  }
}
