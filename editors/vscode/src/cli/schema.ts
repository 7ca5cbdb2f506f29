/**
 * The part of JSON Schema that `rush describe -o json` writes for a parameter.
 *
 * Rush checks what it is given in any case. What is here lets the editor say so before a run begins,
 * and write a value as an expression of Rush.
 */
import { literal, splitWords } from "./text";

/** The type of a parameter. */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
}

/** Says what is wrong with a text for a parameter, or nothing. */
export function problem(schema: Schema, text: string): string | undefined {
  if (schema.anyOf !== undefined) {
    const problems = schema.anyOf.map((it) => problem(it, text));
    return problems.includes(undefined) ? undefined : problems.find((it) => it !== undefined);
  }
  const members = schema.enum ?? ("const" in schema ? [schema.const] : undefined);
  if (members !== undefined) {
    const names = members.map(String);
    return names.includes(text) ? undefined : `possible: ${names.join(", ")}`;
  }
  switch (schema.type) {
    case "integer":
      return /^-?\d[\d_]*$/.test(text) ? outside(schema, text) : "a whole number is needed";
    case "number":
      return /^-?\d[\d_]*(\.\d[\d_]*)?$/.test(text) ? outside(schema, text) : "a number is needed";
    case "boolean":
      return /^(true|false)$/.test(text) ? undefined : "possible: true, false";
    case "null":
      return text === "none" ? undefined : "`none` is needed";
    default:
      return mismatch(schema, text);
  }
}

function outside(schema: Schema, text: string): string | undefined {
  const value = Number(text.replaceAll("_", ""));
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const isBelow =
    (minimum !== undefined && value < minimum) ||
    (exclusiveMinimum !== undefined && value <= exclusiveMinimum);
  const isAbove =
    (maximum !== undefined && value > maximum) ||
    (exclusiveMaximum !== undefined && value >= exclusiveMaximum);
  if (!isBelow && !isAbove) {
    return undefined;
  }
  const low = minimum ?? exclusiveMinimum ?? "";
  const high = maximum ?? exclusiveMaximum ?? "";
  return `${text} is outside ${low}..${high}`;
}

/** The formats of numbers with a unit, which Rush writes without quotes, and how they look. */
const UNITS = new Map([
  ["rush-duration", "a duration is written like `90s` or `1h30m`"],
  ["size", "a size is written like `512MB` or `2GiB`"],
]);

function mismatch(schema: Schema, text: string): string | undefined {
  const form = UNITS.get(schema.format ?? "") ?? `this does not match ${schema.pattern ?? ""}`;
  return matches(schema.pattern, text) ? undefined : form;
}

/** Patterns that JavaScript can't read are left to Rush. */
function matches(pattern: string | undefined, text: string): boolean {
  if (pattern === undefined) {
    return true;
  }
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return true;
  }
}

/** A text for a parameter as an expression of Rush. */
export function expression(schema: Schema, text: string): string {
  if (schema.anyOf !== undefined) {
    const fitting = schema.anyOf.find((it) => problem(it, text) === undefined);
    return fitting === undefined ? literal(text) : expression(fitting, text);
  }
  const members = schema.enum ?? ("const" in schema ? [schema.const] : []);
  if (members.some((it) => typeof it !== "string" && String(it) === text)) {
    return text;
  }
  if (schema.type === "array") {
    const { items = {} } = schema;
    return `[${splitWords(text)
      .map((it) => expression(items, it))
      .join(", ")}]`;
  }
  const isBare =
    ["integer", "number", "boolean", "null"].includes(schema.type ?? "") ||
    UNITS.has(schema.format ?? "");
  return isBare ? text : literal(text);
}
