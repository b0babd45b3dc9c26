// Bytes to frames, by the format's own code or by the engine.
import { ProxyError } from "../../errors.ts";
import type { Engine } from "../pixels/engine.ts";
import type { Codecs } from "./codecs.ts";
import { readByEngine } from "./coding/by_engine.ts";
import type { DecodePlan, UseFrames } from "./coding/decode_plan.ts";
import type { Decoding } from "./coding/decoding.ts";
import type { ImageHeader } from "./read_header.ts";
import { type FormatName, formatOf } from "./table.ts";

export interface Decoder {
  /** Decodes the image and hands its frames to `use`; they live until what it returns has settled. */
  decode<T>(bytes: Uint8Array, plan: DecodePlan<ImageHeader>, use: UseFrames<T>): Promise<T>;
}

/** Makes a decoder of everything around the engine. */
export function createDecoder(engine: Engine, codecs: Pick<Codecs, "of">): Decoder {
  const decoder: Decoder = {
    async decode(bytes, plan, use) {
      const { format } = plan.header;
      const { decoding } = formatOf(format);
      if (!decoding) {
        throw new ProxyError("undecodable", `Images of the format ${format} are not decoded`);
      }
      checkFrame(plan, decoding);
      const codec = await codecs.of(format);
      const inner = codec.unwrap?.(bytes);
      if (inner) {
        const header = { ...plan.header, format: inner.format as FormatName };
        return await decoder.decode(inner.bytes, { ...plan, header }, use);
      }
      if (codec.decode) return await codec.decode(bytes, plan, use);
      return await readByEngine(bytes, { plan, decoding, engine }, use);
    },
  };
  return decoder;
}

function checkFrame({ header, frames }: DecodePlan, { hasPages, moves }: Decoding): void {
  // Of what may move the pages are frames, and not the pictures beside a still.
  const count = hasPages && (header.animated || !moves) ? header.frames : 1;
  if (frames === "all" || frames < count) return;
  throw new ProxyError(
    "malformed",
    count === 1
      ? `Cannot take frame ${frames}: the image has only the frame 0`
      : `Cannot take frame ${frames}: the image has the frames 0 to ${count - 1}`,
  );
}
