/** Values of settings that the editor accepts although the manifest does not allow them. */

/** A setting in the manifest, which the settings editor shows but does not enforce. */
export interface Schema {
  type?: string;
  enum?: readonly string[];
  minimum?: number;
  maximum?: number;
  default?: unknown;
}

/** Returns what a value has to be, or undefined if it is allowed. */
export function expected(schema: Schema, value: unknown): string | undefined {
  if (schema.enum !== undefined)
    return schema.enum.includes(value as string) ? undefined : `one of ${schema.enum.join(", ")}`;
  const { type } = schema;
  if (type !== "integer" && type !== "number") return typeof value === type ? undefined : `a ${type ?? "value"}`;
  const { minimum = -Infinity, maximum = Infinity } = schema;
  const fits = typeof value === "number" && value >= minimum && value <= maximum;
  if (fits && (type === "number" || Number.isInteger(value))) return undefined;
  return `${type === "integer" ? "an integer" : "a number"} from ${String(minimum)} to ${String(maximum)}`;
}

/** Returns a sentence about a value that is not allowed, or undefined. */
export function problem(name: string, schema: Schema, value: unknown): string | undefined {
  const wanted = expected(schema, value);
  if (wanted === undefined) return undefined;
  const [shown, fallback] = [JSON.stringify(value), JSON.stringify(schema.default)];
  return `The setting ${name} cannot be ${shown}: expected ${wanted}. The default, ${fallback}, is used.`;
}
