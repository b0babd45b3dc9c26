// Which formats a client takes besides the one that the original has. What comes out has few values, so
// that a cache key can hold it; which of them it will be is decided where the picture is known.
import {
  encodingOf,
  formatOf,
  NEGOTIATED_FORMATS,
  OUTPUT_FORMATS,
  type OutputFormat,
} from "../image/formats/table.ts";

/** What a client takes instead: the formats that originals have, or anything. */
const FALLBACKS = [
  ...OUTPUT_FORMATS.filter((format) =>
    encodingOf(format).shown && !NEGOTIATED_FORMATS.includes(format)
  )
    .map((format) => formatOf(format).mediaType),
  "image/*",
  "*/*",
];

function isRescue(format: OutputFormat): boolean {
  return encodingOf(format).negotiated?.isRescue === true;
}

/**
 * The formats that the Accept header names (RFC 9110 section 12.5.1) and does not like less than what
 * it would get otherwise, best first. Wildcards name no format: every client sends them.
 */
export function acceptedFormats(accept: string | undefined): readonly OutputFormat[] {
  const qualities = new Map(
    (accept ?? "").toLowerCase().split(",").map((range) => {
      const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
      const q = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
      return [type, q === undefined ? 1 : Math.min(1, Number(q)) || 0] as const;
    }),
  );
  const quality = (format: OutputFormat) => qualities.get(formatOf(format).mediaType) ?? 0;
  const fallback = Math.max(...FALLBACKS.map((type) => qualities.get(type) ?? 0));
  const taken = NEGOTIATED_FORMATS
    .filter((format) => quality(format) > 0 && quality(format) >= fallback)
    .sort((a, b) => quality(b) - quality(a));
  // Who takes animations in another format has no use for them, and need not be told from others.
  const moves = taken.some((format) => !isRescue(format) && encodingOf(format).moves);
  return moves ? taken.filter((format) => !isRescue(format)) : taken;
}
