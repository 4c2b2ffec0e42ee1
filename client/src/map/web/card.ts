/** The card beside a point, with its name, its location and its first lines. */
import type { SemanticMap } from "../../protocol";
import { visibleCode } from "../../visible";
import type { Size, Spot } from "./canvas/camera";
import { card } from "./elements";
import { nameOf, placeOf } from "./canvas/scene";

const OFFSET = 14;

export function showCard(map: SemanticMap, point: number, lines: string): void {
  const name = document.createElement("strong");
  name.textContent = nameOf(map, point);
  const place = document.createElement("span");
  place.textContent = placeOf(map, point);
  const code = document.createElement("pre");
  code.textContent = visibleCode(lines);
  card.replaceChildren(name, place, ...(lines ? [code] : []));
  card.hidden = false;
}

/** Places the card beside a spot, on the side that has room. */
export function placeCard(spot: Spot, size: Size): void {
  const { offsetWidth, offsetHeight } = card;
  const x = spot.x + OFFSET + offsetWidth > size.width ? spot.x - OFFSET - offsetWidth : spot.x + OFFSET;
  const y = Math.min(spot.y + OFFSET, size.height - offsetHeight);
  card.style.left = `${String(Math.max(0, x))}px`;
  card.style.top = `${String(Math.max(0, y))}px`;
}
