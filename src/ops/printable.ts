// Text from strangers (file names, URLs, what origins say) on its way to a terminal or a log.

/** What moves a cursor, ends a line, or turns the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** The text with control characters escaped as in JSON: nothing in it steers a terminal or forges a line. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped === character
      ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
      : escaped;
  });
}
