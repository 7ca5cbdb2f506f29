/**
 * Asks for the parameters of a task: first those it needs, one after the other, then a menu of the
 * others, in which each shows what it is.
 *
 * What a question looks like is not decided here.
 */
import type { Described } from "../cli/query";
import { problem, type Schema } from "../cli/schema";
import { joinWords, splitWords } from "../cli/text";
import { isList, isWritten, type Answers } from "../cli/words";

/** A choice that is offered. */
export interface Choice {
  readonly label: string;
  readonly description?: string | undefined;
  readonly detail?: string | undefined;
  readonly isPicked?: boolean;
  /** Whether it can be put back to its default. */
  readonly isResettable?: boolean;
}

/** What was done in a menu. */
export interface Picked {
  readonly index: number;
  /** The choice itself, or putting it back to its default. */
  readonly how: "chosen" | "reset";
}

/** The ways to ask; each answers with nothing when the person turns away. */
export interface Questions {
  /** Shows a menu. */
  menu(title: string, hint: string, choices: readonly Choice[]): Promise<Picked | undefined>;
  /** Lets any number of choices be picked. */
  several(
    title: string,
    hint: string,
    choices: readonly Choice[],
  ): Promise<readonly number[] | undefined>;
  /** Lets a text be typed. */
  text(
    title: string,
    hint: string,
    value: string,
    validate: (text: string) => string | undefined,
  ): Promise<string | undefined>;
}

/** A parameter or an axis of a matrix: both are given alike. */
interface Field {
  readonly name: string;
  readonly type: string;
  readonly doc: string | undefined;
  readonly fallback: string | undefined;
  readonly isRequired: boolean;
  readonly isWritten: boolean;
  readonly isList: boolean;
  readonly choices: readonly string[];
  /** Whether nothing but the choices is allowed. */
  readonly isClosed: boolean;
  readonly schema: Schema | undefined;
}

/** Which parameters are asked for. */
export type Which =
  /** Those without which the task can't run. */
  | "needed"
  /** Those, and then any other. */
  | "all";

/** Whether there is anything to ask. */
export function isAsked(described: Described, which: Which): boolean {
  const { params, axes } = described;
  return which === "all" ? params.length + axes.length > 0 : params.some((it) => it.required);
}

/** What is asked, and what was answered the last time. */
export interface Request {
  readonly which: Which;
  readonly before: Answers;
}

/** Asks until the person says run. */
export async function ask(
  questions: Questions,
  described: Described,
  { which, before }: Request,
): Promise<Answers | undefined> {
  const all = fieldsOf(described);
  const fields = which === "all" ? all : all.filter((it) => it.isRequired);
  let answers = Object.fromEntries(
    Object.entries(before).filter(([name, texts]) =>
      fields.some((it) => it.name === name && (it.isList || texts.length === 1)),
    ),
  );
  for (const field of fields.filter((it) => it.isRequired)) {
    const texts = await askOne(questions, described, field, answers[field.name]);
    if (texts === undefined) {
      return undefined;
    }
    answers = { ...answers, [field.name]: texts };
  }
  const isComplete = fields.every((it) => it.isRequired);
  return isComplete ? answers : askMore(questions, described, fields, answers);
}

async function askMore(
  questions: Questions,
  described: Described,
  fields: readonly Field[],
  given: Record<string, readonly string[]>,
): Promise<Answers | undefined> {
  let answers = given;
  for (;;) {
    const run: Choice = {
      label: `$(play) Run ${described.label}`,
      description: shown(fields, answers),
    };
    const choices = fields.map((it) => choiceOf(it, answers[it.name]));
    const hint = "Run, or change a parameter first";
    const picked = await questions.menu(described.label, hint, [run, ...choices]);
    const field = fields[(picked?.index ?? 0) - 1];
    if (picked === undefined || field === undefined) {
      return picked && answers;
    }
    const texts =
      picked.how === "reset" ? [] : await askOne(questions, described, field, answers[field.name]);
    if (texts !== undefined) {
      const others = Object.entries(answers).filter(([name]) => name !== field.name);
      const own = picked.how === "reset" ? [] : [[field.name, texts] as const];
      answers = Object.fromEntries([...others, ...own]);
    }
  }
}

/** What is given, in the order of the parameters. */
function shown(fields: readonly Field[], answers: Answers): string {
  const given = fields.filter((it) => it.name in answers);
  return given.map((it) => `${it.name}: ${joinWords(answers[it.name] ?? [])}`).join(", ");
}

function choiceOf(field: Field, texts: readonly string[] | undefined): Choice {
  const fallback = field.fallback === undefined ? "" : `default ${field.fallback}`;
  const value = texts === undefined ? fallback : `= ${joinWords(texts)}`;
  return {
    label: `$(symbol-parameter) ${field.name}`,
    description: value === "" ? field.type : `${value}  (${field.type})`,
    detail: field.doc,
    isResettable: texts !== undefined && !field.isRequired,
  };
}

async function askOne(
  questions: Questions,
  described: Described,
  field: Field,
  texts: readonly string[] | undefined,
): Promise<readonly string[] | undefined> {
  const title = `${described.label}: ${field.name}`;
  if (field.isClosed && field.choices.length > 0) {
    return pick(questions, title, field, texts);
  }
  const hint = [field.doc, hintOf(field)].filter((it) => it !== undefined).join("; ");
  const value = field.isList ? joinWords(texts ?? []) : (texts?.[0] ?? "");
  const typed = await questions.text(title, hint, value, (it) => problemOf(field, it));
  if (typed === undefined) {
    return undefined;
  }
  return field.isList ? splitWords(typed) : [typed];
}

async function pick(
  questions: Questions,
  title: string,
  field: Field,
  texts: readonly string[] | undefined,
): Promise<readonly string[] | undefined> {
  const choices = field.choices.map((label) => ({
    label,
    isPicked: texts?.includes(label) ?? false,
  }));
  const hint = field.doc ?? field.type;
  if (field.isList) {
    const picked = await questions.several(title, hint, choices);
    return picked?.flatMap((it) => field.choices[it] ?? []);
  }
  const picked = await questions.menu(title, hint, choices);
  const text = picked && field.choices[picked.index];
  return text === undefined ? undefined : [text];
}

function hintOf(field: Field): string {
  if (field.isWritten) {
    return `an expression of type ${field.type}`;
  }
  return field.isList ? `${field.type}; blanks separate, quotes keep together` : field.type;
}

function problemOf(field: Field, text: string): string | undefined {
  if (field.isWritten) {
    return text.trim() === "" ? "an expression is needed" : undefined;
  }
  const { schema } = field;
  if (schema === undefined) {
    return undefined;
  }
  const list = schema.anyOf?.find((it) => it.type === "array") ?? schema;
  if (!field.isList || list.items === undefined) {
    return problem(schema, text);
  }
  const { items } = list;
  return splitWords(text)
    .map((it) => problem(items, it))
    .find((it) => it !== undefined);
}

function fieldsOf(described: Described): readonly Field[] {
  const params = described.params.map((it): Field => {
    const schema = described.schema.properties[it.name];
    const isBool = schema?.type === "boolean";
    const members = isBool ? ["true", "false"] : it.choices;
    return {
      name: it.name,
      type: it.type,
      doc: it.doc ?? undefined,
      fallback: it.default ?? undefined,
      isRequired: it.required,
      isWritten: isWritten(it, schema),
      isList: it.rest || isList(schema),
      choices: members,
      isClosed: isBool || isClosed(schema),
      schema,
    };
  });
  const axes = described.axes.map((it): Field => {
    const about = "an axis of the matrix";
    const isOpen = it.choices.length === 0;
    return {
      name: it.name,
      type: it.type,
      doc: isOpen ? about : `${about}; the value whose cells run`,
      fallback: "all",
      isRequired: false,
      isWritten: false,
      isList: false,
      choices: it.choices,
      isClosed: !isOpen,
      schema: undefined,
    };
  });
  return [...params, ...axes];
}

/** Whether a type is nothing but its listed members, or a list of them. */
function isClosed(schema: Schema | undefined): boolean {
  if (schema === undefined) {
    return false;
  }
  const parts = schema.anyOf?.filter((it) => it.type !== "null");
  if (parts !== undefined) {
    return parts.every(isClosed);
  }
  return schema.enum !== undefined || "const" in schema || isClosed(schema.items);
}
