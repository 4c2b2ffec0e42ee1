/** The legend: the folders with their colours, as buttons that show or hide them. */
import * as l10n from "@vscode/l10n";
import type { SemanticMap } from "../../protocol";
import { number } from "../../language";
import { visible } from "../../visible";
import { legendList } from "./elements";
import { groupOf } from "./canvas/scene";
import type { Theme } from "./canvas/theme";

/** Returns the name of a folder of the legend, in which small folders are together. */
export const folderText = (name: string): string => visible(name) || l10n.t("other");

export function showLegend(
  map: SemanticMap,
  hidden: ReadonlySet<string>,
  theme: Theme,
  toggle: (group: string) => void,
): void {
  const focused = (document.activeElement as HTMLElement | null)?.dataset["group"];
  const counts = map.groups.map(() => 0);
  for (let point = 0; point < map.points.file.length; point += 1) {
    const group = groupOf(map, point);
    counts[group] = (counts[group] ?? 0) + 1;
  }
  legendList.replaceChildren(
    ...map.groups.map((name, group) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset["group"] = name;
      button.setAttribute("aria-pressed", String(!hidden.has(name)));
      const swatch = document.createElement("span");
      swatch.className = "swatch";
      swatch.style.background = theme.group(group, name);
      button.append(swatch, folderText(name), ` ${number(counts[group] ?? 0)}`);
      button.addEventListener("click", () => toggle(name));
      const item = document.createElement("li");
      item.append(button);
      return item;
    }),
  );
  if (focused !== undefined) legendList.querySelector<HTMLElement>(`[data-group="${CSS.escape(focused)}"]`)?.focus();
}
