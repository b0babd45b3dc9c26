// Which format `auto` means for a client: the smallest that its Accept header says it can show.
import type { OutputFormat } from "./table.ts";

/** By how much smaller pictures are in them; browsers name exactly those that they do not all support. */
const NEGOTIATED = ["avif", "webp"] as const satisfies readonly OutputFormat[];

/**
 * The best format that the Accept header names with a quality above 0 (RFC 9110 section 12.5.1);
 * undefined keeps the original's. Wildcards say nothing: every client sends them.
 */
export function negotiateFormat(accept: string | undefined): OutputFormat | undefined {
  const qualities = new Map(
    (accept ?? "").toLowerCase().split(",").map((range) => {
      const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
      const q = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
      return [type, q === undefined ? 1 : Number(q) || 0] as const;
    }),
  );
  let best: OutputFormat | undefined;
  let bestQuality = 0;
  for (const format of NEGOTIATED) {
    const quality = qualities.get(`image/${format}`) ?? 0;
    if (quality > bestQuality) [best, bestQuality] = [format, quality];
  }
  return best;
}
