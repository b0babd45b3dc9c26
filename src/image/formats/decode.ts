// Bytes to frames, by the format's own code or by the engine, and whom to blame for what goes wrong from there on.
import { ProxyError } from "../../errors.ts";
import type { Engine } from "../pixels/engine.ts";
import type { Codecs } from "./codecs.ts";
import { readByEngine } from "./coding/by_engine.ts";
import type { DecodePlan, LooseFrames, UseFrames } from "./coding/decode_plan.ts";
import type { Decoding } from "./coding/decoding.ts";
import type { ImageHeader } from "./read_header.ts";
import { type FormatName, formatOf } from "./table.ts";

export interface Decoder {
  /**
   * Decodes the image and hands its frames to `use`; they live until what it returns has settled. Rejects with a
   * ProxyError: "undecodable" where decoding fails, and what `afterDecoding()` makes of what `use` throws.
   */
  decode<T>(bytes: Uint8Array, plan: DecodePlan<ImageHeader>, use: UseFrames<T>): Promise<T>;
}

/** Makes a decoder of everything around the engine. */
export function createDecoder(engine: Engine, codecs: Pick<Codecs, "of">): Decoder {
  async function decode<T>(
    bytes: Uint8Array,
    plan: DecodePlan<ImageHeader>,
    use: UseFrames<T>,
  ): Promise<T> {
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
      return await decode(inner.bytes, { ...plan, header }, use);
    }
    if (codec.decode) return await codec.decode(bytes, plan, use);
    return await readByEngine(bytes, { plan, decoding, engine }, use);
  }

  return {
    async decode(bytes, plan, use) {
      try {
        return await decode(bytes, plan, async (frames, loose) => {
          try {
            return await use(frames, loose && blamed(loose));
          } catch (cause) {
            throw afterDecoding(cause);
          }
        });
      } catch (cause) {
        throw undecodable(cause);
      }
    },
  };
}

/** The failure of what decodes; one that has words of its own keeps them. */
function undecodable(cause: unknown): ProxyError {
  if (cause instanceof ProxyError) return cause;
  return new ProxyError("undecodable", "The image cannot be decoded", { cause });
}

/**
 * The failure of what was done with pixels that were there: it is nearly always memory that did not suffice, unless
 * it is a fault of the program's own.
 */
function afterDecoding(cause: unknown): ProxyError {
  if (cause instanceof ProxyError) return cause;
  if (cause instanceof TypeError || cause instanceof ReferenceError) {
    return new ProxyError("internal", "The image cannot be transformed", { cause });
  }
  return new ProxyError(
    "too_large",
    "The image can be decoded, but not transformed as asked. Ask for a smaller size or fewer options",
    { cause },
  );
}

/** Frames that are decoded when they are asked for: what fails then is decoding, whoever asks. */
function blamed(loose: LooseFrames): LooseFrames {
  return {
    ...loose,
    *[Symbol.iterator]() {
      try {
        yield* loose;
      } catch (cause) {
        throw undecodable(cause);
      }
    },
  };
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
