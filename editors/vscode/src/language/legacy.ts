/**
 * Tells the task files of TaskRush 0.2, which are YAML, from those of Rush.
 *
 * Both may end in `.rush`. Rush never begins a line with `word:`, and a file of TaskRush always has
 * `tasks:` at its top level, so one look at the first lines is enough. When in doubt it is Rush.
 */

/** Lines of YAML that say nothing yet: blank, a comment, a directive, the start of a document. */
const SILENT = /^\s*(?:#.*|%.*|---\s*(?:#.*)?)?$/;

/** A key of the top level, with or without quotes. */
const KEY = /^(?:"([^"]+)"|'([^']+)'|([A-Za-z_][\w.-]*))\s*:(?:\s|$)/;

/** How far a file is read before it is taken for Rush. */
const LINES_MAX = 2_000;

/** Returns whether this text is a task file of TaskRush 0.2. */
export function isLegacy(text: string): boolean {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/, LINES_MAX);
  const start = lines.findIndex((it) => !SILENT.test(it));
  const first = lines[start];
  if (first === undefined) {
    return false;
  }
  if (/^\s*\{/.test(first)) {
    return isJson(lines.slice(start).join("\n"));
  }
  if (!KEY.test(first)) {
    return false;
  }
  return lines.slice(start).some((it) => keyOf(it) === "tasks");
}

function keyOf(line: string): string | undefined {
  const found = KEY.exec(line);
  return found?.[1] ?? found?.[2] ?? found?.[3];
}

/** JSON is YAML, too; a file of Rush can't begin with a brace. */
function isJson(text: string): boolean {
  return /^\s*\{(?:[^{}]|\{[^{}]*\})*?["']?tasks["']?\s*:/.test(text);
}
