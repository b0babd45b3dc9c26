// Percent-encoding (RFC 3986 section 2.1).

/** The text decoded; as it is where an escape in it is none, or stands for no UTF-8. */
export function decodeIfValid(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The text with these characters as percent-encoded UTF-8. The pattern matches one at a time: `/…/gu`. */
export function percentEncoded(text: string, characters: RegExp): string {
  return text.replace(
    characters,
    // encodeURIComponent() leaves some of ASCII as it is, and takes no half of a surrogate pair.
    (character) =>
      Array.from(
        new TextEncoder().encode(character),
        (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
      ).join(""),
  );
}
