/**
 * Values as a person types them: words with quotes in a box, and literals of the Rush language.
 *
 * Nothing here reaches a shell. Words are split only because one box may hold several.
 */

/** Words as typed into one box: blanks separate, quotes and `\` keep them together. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (letter === "\\" && quote !== "'" && at + 1 < text.length) {
      at += 1;
      word = (word ?? "") + text.charAt(at);
    } else if (quote === undefined && (letter === '"' || letter === "'")) {
      quote = letter;
      word ??= "";
    } else if (letter === quote) {
      quote = undefined;
    } else if (quote === undefined && /\s/.test(letter)) {
      if (word !== undefined) {
        words.push(word);
      }
      word = undefined;
    } else {
      word = (word ?? "") + letter;
    }
  }
  return word === undefined ? words : [...words, word];
}

/** The text for a box from which {@link splitWords} reads these words again. */
export function joinWords(words: readonly string[]): string {
  return words.map(quoted).join(" ");
}

function quoted(word: string): string {
  if (word !== "" && !/[\s"'\\]/.test(word)) {
    return word;
  }
  return word.includes("'") ? `"${word.replace(/[\\"]/g, "\\$&")}"` : `'${word}'`;
}

/** A text as a literal of Rush, on one line and without holes. */
export function literal(text: string): string {
  const escaped = text.replace(/[\\"$]/g, "\\$&").replace(/[\p{Cc}\u2028\u2029]/gu, escape);
  return `"${escaped}"`;
}

function escape(letter: string): string {
  const named = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[letter];
  return named ?? `\\u{${letter.charCodeAt(0).toString(16)}}`;
}
