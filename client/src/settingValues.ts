/** Values of settings that the editor accepts although the manifest does not allow them. */
import * as l10n from "@vscode/l10n";

/** A setting in the manifest, which the settings editor shows but does not enforce. */
export interface Schema {
  type?: string;
  enum?: readonly string[];
  minimum?: number;
  maximum?: number;
  default?: unknown;
}

const TYPES: Readonly<Record<string, string>> = {
  boolean: l10n.t("a boolean"),
  string: l10n.t("a string"),
  array: l10n.t("a list"),
  object: l10n.t("an object"),
};

/** Returns what a value has to be, or undefined if it is allowed. */
export function expected(schema: Schema, value: unknown): string | undefined {
  if (schema.enum !== undefined)
    return schema.enum.includes(value as string) ? undefined : l10n.t("one of {0}", schema.enum.join(", "));
  const { type } = schema;
  if (type !== "integer" && type !== "number")
    return typeof value === type ? undefined : (TYPES[type ?? ""] ?? l10n.t("another value"));
  const { minimum = -Infinity, maximum = Infinity } = schema;
  const fits = typeof value === "number" && value >= minimum && value <= maximum;
  if (fits && (type === "number" || Number.isInteger(value))) return undefined;
  return type === "integer"
    ? l10n.t("an integer from {0} to {1}", minimum, maximum)
    : l10n.t("a number from {0} to {1}", minimum, maximum);
}

/** Returns a sentence about a value that is not allowed, or undefined. */
export function problem(name: string, schema: Schema, value: unknown): string | undefined {
  const wanted = expected(schema, value);
  if (wanted === undefined) return undefined;
  const [shown, fallback] = [JSON.stringify(value), JSON.stringify(schema.default)];
  return l10n.t(
    "The setting {0} cannot be {1}: expected {2}. The default, {3}, is used.",
    name,
    shown,
    wanted,
    fallback,
  );
}
