// Percent-encoding (RFC 3986 section 2.1).

/** The text decoded; as it is where an escape in it is none, or stands for no UTF-8. */
export function decodeIfValid(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
