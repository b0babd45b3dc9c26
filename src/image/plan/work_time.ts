// How long a transform will take, judged from header and options before it begins: so that long ones leave
// room for short ones, and those that cannot end in time are not begun. In milliseconds of one core of the
// machine that docs/performance.md speaks of; the formats say how fast they are.
import { DEFAULT_ENCODING } from "../formats/encoding.ts";
import { AUTO_TRIES } from "../formats/coding/auto_quality.ts";
import { MOST_TRIES } from "../formats/coding/fit_bytes.ts";
import { encodingOf, formatOf, type LossyFormat } from "../formats/table.ts";
import type { TransformJob } from "./job.ts";
import { decodedPixels } from "./limits.ts";
import type { Planned } from "./plan_decode.ts";

/** Milliseconds for a million pixels: decoded in most formats, brought to their size, and made anew by an effect. */
const DECODING = 16, SHAPING = 10, PAINTING = 40;
/** The same where more pixels are made than there were. */
const ENLARGING = 40;
/** The same for each scan of a JPEG. */
const SCANNING = 2.5;
/** The same for what is written in most formats. */
const WRITING = 20;
/** The same for a look at how alike two pictures are. */
const COMPARING = 10;
/** How much longer samples of 16 bits take. */
const DEEP = 2;

export interface WorkTime {
  /** Milliseconds that it will take, whatever it finds. */
  least: number;
  /** The same at the worst: `maxbytes` and `quality:auto` have a picture written again and again. */
  most: number;
}

/** What the work as planned will take; `paints` says how many effects there are. */
export function workTime(
  { plan, format, result }: Planned,
  { options, encoding = DEFAULT_ENCODING, paints }: Pick<TransformJob, "options" | "encoding"> & {
    paints: number;
  },
): WorkTime {
  const { header, frames } = plan;
  const { decoding } = formatOf(header.format);
  const { quality, pace, moves } = encodingOf(format);
  const decoded = decodedPixels(plan) / 1e6;
  const writtenFrames = frames === "all" && moves ? header.frames : 1;
  const written = writtenFrames * result.width * result.height / 1e6;
  const depth = header.bitDepth > 8 ? DEEP : 1;
  const { lossless = false, progressive = false, maxBytes } = options;
  const choice = {
    quality: typeof options.quality === "number"
      ? options.quality
      : (quality ? encoding[`${format as LossyFormat}Quality`] : 100),
    effort: encoding.effort,
    lossless,
    progressive,
    moves: writtenFrames > 1,
  };
  const rounds = frames === "all" && decoding?.atOnce
    ? Math.ceil(header.totalPixels / decoding.atOnce)
    : 1;
  // Each begins with the first frame, and ends at its own last.
  const before = decoded * (rounds + 1) / 2 * ((decoding?.pace ?? DECODING) * depth + SHAPING) +
    decoded * (header.scans ?? 0) * SCANNING +
    Math.max(0, written - decoded) * ENLARGING +
    // Pixels are taken out and put back again for all of them together.
    (paints > 0 ? written * PAINTING * (1 + paints) : 0);
  const once = written * (pace?.(choice) ?? WRITING);
  if (!quality || lossless) return { least: before + once, most: before + once };
  const tries = maxBytes === undefined ? 1 : 1 + MOST_TRIES;
  if (typeof options.quality === "number" || options.quality === undefined) {
    return { least: before + once, most: before + tries * once };
  }
  // Each try is one frame, which is read again; of a still it is all that is written.
  const frame = result.width * result.height / 1e6;
  const { decoding: reading } = formatOf(format);
  const perTry = (pace?.(choice) ?? WRITING) + (reading?.pace ?? DECODING) + COMPARING;
  const further = written > frame || maxBytes !== undefined ? tries * once : 0;
  return { least: before + once, most: before + AUTO_TRIES * frame * perTry + further };
}
