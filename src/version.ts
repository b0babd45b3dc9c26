// Which program this is, in one place for --version and the metrics.
import denoConfig from "../deno.json" with { type: "json" };

/** The versions of the program, of Deno, and of the engine where it is known. */
export function versions(engine: string | undefined): {
  version: string;
  deno: string;
  imagemagick: string;
} {
  // "ImageMagick 7.1.2-8 Q8 x86_64 …" says more than anyone compares.
  const imagemagick = /\d+\.\d+\.\d+-\d+ \S+/.exec(engine ?? "")?.[0] ?? "unknown";
  return { version: denoConfig.version, deno: Deno.version.deno, imagemagick };
}
