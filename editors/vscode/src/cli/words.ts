/**
 * The words that `rush` is started with.
 *
 * Each value is a word of its own or stands behind `--name=`, and no shell is between, so it arrives
 * as it is: quotes, `$`, new lines and a leading `-` included.
 */
import type { Described, Parameter } from "./query";
import { expression, type Schema } from "./schema";
import { joinWords } from "./text";

/** A run of one task, as the editor asks for it. */
export interface Asked {
  /** A label or a call. */
  readonly task: string;
  /** Flags of the task, then `--` and what is passed through. */
  readonly args: readonly string[];
  readonly profile?: string | undefined;
  /** Flags of `rush run` itself. */
  readonly flags: readonly string[];
}

/** The words of `rush run`. */
export function runWords(asked: Asked): string[] {
  const profile = asked.profile ? [`--profile=${asked.profile}`] : [];
  return ["run", ...asked.flags, ...profile, asked.task, ...asked.args];
}

/** The words of a run that starts nothing. */
export function dryRunWords(asked: Asked): string[] {
  return runWords({ ...asked, flags: [...asked.flags, "--dry-run"] });
}

/** The words that show a run of the past. */
export function showRunWords(run: string): string[] {
  return ["runs", "show", run];
}

/** What a person chose for the parameters, by name; lists have one text for each value. */
export type Answers = Readonly<Record<string, readonly string[]>>;

/** What is called, and the words behind it. */
export interface Call {
  readonly task: string;
  readonly args: readonly string[];
}

/**
 * Writes answers down as flags.
 *
 * A parameter that has no flag (a record, or one named like a flag of `rush run`) is given by a call;
 * then all of them are, for a call has to be complete.
 */
export function callOf(described: Described, answers: Answers): Call {
  const given = described.params.filter((it) => it.name in answers);
  const axes = described.axes.filter((it) => it.name in answers).map((it) => it.name);
  const rest = given.filter((it) => it.rest).flatMap((it) => answers[it.name] ?? []);
  const behind = rest.length > 0 ? ["--", ...rest] : [];
  const flagged = given.filter((it) => !it.rest);
  const axisFlags = axes.flatMap((it) => flags(it, answers));
  if (flagged.every((it) => it.settable)) {
    const own = flagged.flatMap((it) => flags(it.name, answers));
    return { task: described.label, args: [...own, ...axisFlags, ...behind] };
  }
  const { properties } = described.schema;
  const written = flagged.map((it) => `${it.name}: ${argument(it, properties[it.name], answers)}`);
  const task = `${described.label}(${written.join(", ")})`;
  return { task, args: [...axisFlags, ...behind] };
}

function flags(name: string, answers: Answers): string[] {
  return (answers[name] ?? []).map((it) => `--${name.replaceAll("_", "-")}=${it}`);
}

/** A value without a flag was typed as an expression, unless its type says how to write it. */
function argument(parameter: Parameter, schema: Schema | undefined, answers: Answers): string {
  const texts = answers[parameter.name] ?? [];
  if (schema === undefined || isWritten(parameter, schema)) {
    return texts.join(" ");
  }
  return expression(schema, isList(schema) ? joinWords(texts) : (texts[0] ?? ""));
}

/** Whether a value is typed as an expression of Rush: records, maps and tagged values. */
export function isWritten(parameter: Parameter, schema: Schema | undefined): boolean {
  return !parameter.settable && (schema === undefined || hasObject(schema));
}

/** Whether several values are taken. */
export function isList(schema: Schema | undefined): boolean {
  return schema?.type === "array" || (schema?.anyOf?.some((it) => it.type === "array") ?? false);
}

function hasObject(schema: Schema): boolean {
  const inner = [...(schema.anyOf ?? []), ...(schema.items ? [schema.items] : [])];
  return schema.type === "object" || inner.some(hasObject);
}
