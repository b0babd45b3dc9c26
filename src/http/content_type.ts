// Which content types may be served: patterns such as image/* against one media type.

/** A test for media types; `*` in a pattern stands for anything but a slash. No patterns allow all. */
export function createTypeMatcher(patterns: readonly string[]): (mediaType: string) => boolean {
  const tests = patterns.map((pattern) =>
    new RegExp(`^${pattern.split("*").map(escapeRegExp).join("[^/]*")}$`, "i")
  );
  return (mediaType) => tests.length === 0 || tests.some((test) => test.test(mediaType));
}

/** The media type in a Content-Type header, lower-case and without parameters; empty for none. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? "").split(";", 1).join("").trim().toLowerCase();
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
