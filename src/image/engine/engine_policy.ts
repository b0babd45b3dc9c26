// The second wall: what ImageMagick itself refuses, should an image get past our own reading of its header.
// A policy is a ceiling that nothing can raise again once the engine runs.
import type { Format } from "../formats/coding/format.ts";
import { FORMATS } from "../formats/table.ts";
import { PIXEL_CODER } from "../pixels/one_pixel.ts";
import type { ImageLimits } from "../plan/job.ts";

/** The engine's names of the formats that it may read, and write. */
const READ = [...codersOf("decoding"), PIXEL_CODER], WRITTEN = codersOf("encoding");
/** No side of any format that is read or written goes further: JPEG's has 16 bits. */
const MAX_SIDE = 65_535;
/** What is not pixels: decoders' and encoders' own needs are not counted by ImageMagick, small copies are. */
const SPARE_BYTES = 64e6;

/**
 * ImageMagick's policy.xml for a worker: only the formats that are decoded and encoded here, no files, no
 * delegates, nothing on disk, and no more pixels than the limits allow. Its time limit is of no use: it
 * counts from the start of the engine and ends the whole engine. The pool's clock does that better.
 */
export function enginePolicy(limits: ImageLimits): string {
  const { maxPixels, maxFrames, maxTotalPixels, maxOutputPixels } = limits;
  // A frame and its coalesced copy, four bytes a pixel each, and the result.
  const memory = 8 * Math.max(maxPixels, maxTotalPixels) + 4 * maxOutputPixels + SPARE_BYTES;
  const policies = [
    ["delegate", { rights: "none", pattern: "*" }],
    ["filter", { rights: "none", pattern: "*" }],
    ["path", { rights: "none", pattern: "@*" }],
    ["path", { rights: "none", pattern: "|*" }],
    ["coder", { rights: "none", pattern: "*" }],
    ["coder", { rights: "read", pattern: `{${READ.join(",")}}` }],
    ["coder", { rights: "write", pattern: `{${WRITTEN.join(",")}}` }],
    ["coder", { rights: "read | write", pattern: `{${both().join(",")}}` }],
    ["resource", { name: "width", value: MAX_SIDE }],
    ["resource", { name: "height", value: MAX_SIDE }],
    ["resource", { name: "area", value: Math.max(maxPixels, maxOutputPixels) }],
    ["resource", { name: "list-length", value: maxFrames }],
    ["resource", { name: "memory", value: memory }],
    ["resource", { name: "map", value: 0 }],
    ["resource", { name: "disk", value: 0 }],
    ["resource", { name: "thread", value: 1 }],
    ["system", { name: "max-memory-request", value: memory }],
    ["system", { name: "max-profile-size", value: 4_000_000 }],
  ] as const;
  const lines = policies.map(([domain, attributes]) =>
    `<policy domain="${domain}"${
      Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`).join("")
    }/>`
  );
  return `<policymap>\n${lines.join("\n")}\n</policymap>\n`;
}

function codersOf(use: "decoding" | "encoding"): string[] {
  return (Object.values(FORMATS) as Format[]).flatMap((format) => format[use]?.coder ?? []);
}

function both(): string[] {
  return READ.filter((coder) => WRITTEN.includes(coder));
}
