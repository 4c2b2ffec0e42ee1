/** Texts on the deep model, and whether to offer it. */
import * as l10n from "@vscode/l10n";
import { number } from "../language";
import type { Deep } from "../protocol";

/** Returns text such as "Deep model bge-small: 340 of 9,000 chunks embedded, about 5 min left". */
export function deepText({ state, model, covered, total, remainingS }: Deep): string {
  const name = [l10n.t("Deep model"), model].filter(Boolean).join(" ");
  if (state !== "filling" && state !== "complete") return `${name}: ${state}`;
  const done = l10n.t("{0}: {1} of {2} chunks embedded", name, number(covered), number(total));
  const minutes = Math.max(1, Math.round((remainingS ?? 0) / 60));
  return remainingS ? l10n.t("{0}, about {1} min left", done, minutes) : done;
}

/** Returns whether the server could use the model of codekin. A server that does not say so is older. */
export const isModelInstalled = ({ installed }: Deep): boolean => installed !== false;

/** Returns whether to offer the model. `chosen` is the setting; another model needs no installation. */
export const isModelOffered = (deep: Deep | undefined, chosen: string): boolean =>
  deep !== undefined && !isModelInstalled(deep) && ["auto", "on"].includes(chosen);
