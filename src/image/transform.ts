// One picture, from bytes to bytes: read the header, plan the shape, decode no more than that needs,
// then reshape, turn and paint every frame, and encode. Runs inside a worker only.
import type { IMagickImageCollection } from "@imagemagick/magick-wasm";
import { ProxyError } from "../errors.ts";
import type { Engine } from "./pixels/engine.ts";
import { asksFacts } from "../options/facts.ts";
import { laysOver } from "../options/overlay.ts";
import type { Options } from "../options/table.ts";
import type { Layers } from "../paint/layer.ts";
import type { Raster } from "../paint/raster.ts";
import type { ProfileSpace } from "./colour/known_profile.ts";
import { type ColourSettings, createColourist } from "./colour/to_srgb.ts";
import type { LooseFrame, LooseFrames } from "./formats/coding/decode_plan.ts";
import type { Loaders } from "./formats/coding/codec.ts";
import { delegate } from "./formats/coding/help.ts";
import { createCodecs } from "./formats/codecs.ts";
import { createDecoder } from "./formats/decode.ts";
import { createEncoder, type StraightWay } from "./formats/encode.ts";
import {
  type Errand,
  type ErrandResult,
  type Help,
  type ShapeErrand,
  writersOf,
} from "./errands.ts";
import {
  describedOptions,
  needsHeaderOnly,
  tellHeader,
  tellPicture,
  tinyPicture,
} from "./facts.ts";
import { finishFrames, isFinished, paints } from "./finish.ts";
import { addFrames, type FramePixels, type FrameRange, takeFrames } from "./pixels/frame_pixels.ts";
import { shareFrames } from "./frame_shares.ts";
import { createReshaper } from "./frames.ts";
import { checkGrant } from "./grant.ts";
import { isIdentity } from "./pixels/dihedral.ts";
import { type Size, sizeOf } from "./pixels/geometry.ts";
import { checkFrames, checkHeader } from "./plan/limits.ts";
import { type ImageHeader, readHeader } from "./formats/read_header.ts";
import { DEFAULT_ENCODING } from "./formats/encoding.ts";
import { encodingOf, formatOf, type OutputFormat } from "./formats/table.ts";
import { type PlannedOverlay, planOverlays, readOverlays } from "./overlays.ts";
import type { TransformedImage, TransformJob } from "./plan/job.ts";
import { createPixel } from "./pixels/one_pixel.ts";
import { isRows } from "./pixels/pixel_rows.ts";
import { planDecode, type Planned } from "./plan/plan_decode.ts";
import { isPlanar, type YccPlanes } from "./pixels/ycc_planes.ts";
import { readRaster } from "./rasters.ts";
import { createTextLayer } from "./text/text_layer.ts";
import { planFrames } from "./plan_frames.ts";
import { createStopwatch, type Stopwatch } from "./stopwatch.ts";

export interface Transformer {
  /** Throws a ProxyError "undecodable", "too_large" or "malformed", or NeedsGrant. */
  transform(job: TransformJob, help?: Help): Promise<TransformedImage>;
  /** Does what another worker asks for, of its job where that is about the original. Throws the same. */
  run(errand: Errand, job: TransformJob | undefined): Promise<ErrandResult>;
  /** Resolves when all of its code is loaded, so that no job waits for that. */
  ready(): Promise<void>;
  /** Bytes of memory that the engine has taken so far; it never gives any back. */
  memory(): number;
}

/** The share of its time that a transform plans with. */
const IN_TIME = 0.9;

/** Makes the transformer of one worker around its engine. */
export function createTransformer(engine: Engine, loaders?: Loaders): Transformer {
  const codecs = createCodecs(engine, loaders);
  const decoder = createDecoder(engine, codecs);
  const encoder = createEncoder(engine, codecs);
  const reshaper = createReshaper(engine);
  const colourist = createColourist(engine);
  // One pixel that stays: where it lies says how large the engine's memory is, whatever became of a job.
  const canary = createPixel(engine);
  let engineMemory: ArrayBufferLike | undefined;

  /**
   * Gives frames their size, turns and paints them. Where there is no more to do than the first, and a
   * `straight` way to bytes, what it takes comes back and no frame has pixels.
   */
  async function shapeFrames(
    job: TransformJob,
    { planned, frames, loose, layers, watch = createStopwatch(), straight }: {
      planned: Planned;
      frames: IMagickImageCollection;
      loose: LooseFrames | undefined;
      layers?: Layers | undefined;
      watch?: Stopwatch;
      straight?: (size: Size) => Promise<StraightWay | undefined>;
    },
  ): Promise<{ planes: YccPlanes; way: StraightWay } | undefined> {
    const { plan: { header, keepsWhole }, format } = planned;
    // What looks at pixels before they have their size finds them in the frames.
    if (keepsWhole) { for (const { frame, pixels } of loose ?? []) reshaper.fill(frame, pixels); }
    const unshaped = keepsWhole ? undefined : loose;
    watch.lap("decode");
    const size = unshaped?.size ?? sizeOf(frames[0]!);
    const { shape, finish } = await planFrames(job, { header, frames, size, reshaper });
    const colours = {
      kept: keptProfiles(job.options, format),
      stated: loose?.colour ?? header.colour,
    };
    const way = isIdentity(shape.turn) && isFinished(finish)
      ? await straight?.(shape.target)
      : undefined;
    for (const frame of unshaped ? [] : frames) reshaper.reshape(frame, shape);
    // Each before the next is decoded: only one has its full size.
    for (const decoded of unshaped ?? []) {
      watch.lap("decode");
      const { pixels } = decoded;
      if (way && isPlanar(pixels) && isSrgb(decoded, colours)) {
        const planes = reshaper.reshapePlanes(pixels, shape, way.span);
        watch.lap("transform");
        return { planes, way };
      }
      reshaper.reshape(decoded.frame, shape, pixels);
      watch.lap("transform", isRows(pixels) ? pixels.spent() : 0);
    }
    colourist.toSrgb(frames, colours);
    const opaque = encodingOf(format).opaque === true;
    finishFrames(frames, { ...finish, opaque, layers }, engine);
    watch.lap("transform");
  }

  /** Whether the values stay as they are: to ask a frame, there has to be one. */
  function isSrgb(decoded: LooseFrame, colours: ColourSettings): boolean {
    if (decoded.isPlain) return colours.stated === undefined;
    return colourist.isSrgb(decoded.frame, colours);
  }

  /** What lies over the picture, made before the picture itself is as far as it can be. */
  async function layersOf(
    overlays: readonly PlannedOverlay[],
    { options: { text, font }, limits }: TransformJob,
  ): Promise<Layers> {
    const { drawer } = codecs;
    const fonts = text && await drawer.ready();
    const letters = fonts && createTextLayer(text, { font, fonts, drawer });
    const pictures = await readOverlays(overlays, { draw, resize: reshaper.resize, limits });
    return { ...pictures, ...(letters && { text: letters }) };
  }

  /** The first frame of a picture as samples. */
  async function draw({ job, planned }: PlannedOverlay): Promise<Raster> {
    return await decoder.decode(job.bytes, planned.plan, async (frames, loose) => {
      partOnly(job, planned.plan.header, loose);
      await shapeFrames(job, { planned, frames, loose });
      return readRaster(frames[0]!, engine);
    });
  }

  async function transform(job: TransformJob, help?: Help): Promise<TransformedImage> {
    if (asksFacts(job.options)) return await describe(job);
    const started = performance.now();
    const watch = createStopwatch();
    const planned = plan(job);
    const { plan: { header }, format } = planned;
    const overlays = planOverlays(job, { ...planned, headerOf, plan });
    checkGrant(job, planned, overlays);
    const layers = await layersOf(overlays, job);
    watch.lap("decode");
    const shares = shareFrames(job, { ...planned, help });
    const others = delegate<ShapeErrand, FramePixels[]>(shares?.others ?? [], {
      help,
      work: ({ range }) => shapeShare(job, range),
    });
    const ownPlan = { ...planned.plan, ...(shares && { range: shares.own }) };
    return await decoder.decode(job.bytes, ownPlan, async (frames, loose) => {
      const isPartial = partOnly(job, header, loose);
      const { options, encoding: settings = DEFAULT_ENCODING } = job;
      const writers = help && writersOf(help, format);
      const deadline = started + IN_TIME * (job.limits.transformTimeout ?? Infinity);
      const writing = { format, options, settings, deadline, help: writers };
      const straight = (size: Size) => encoder.straight(writing, size);
      const short = await shapeFrames(job, { planned, frames, loose, layers, watch, straight });
      for await (const share of others) addFrames(frames, share, { timing: header, engine });
      watch.lap("transform");
      if (options.loop !== undefined) {
        for (const frame of frames) frame.animationIterations = options.loop;
      }
      const bytes = short ? short.way.encode(short.planes) : await encoder.encode(frames, writing);
      watch.lap("encode");
      return {
        bytes,
        format,
        mediaType: formatOf(format).mediaType,
        ...sizeOf(short?.planes ?? frames[0]!),
        frames: encodingOf(format).moves ? frames.length : 1,
        isPartial,
        timings: { queue: 0, ...watch.spent },
      };
    });
  }

  /** Tells what is asked of the picture, from its header where that will do. */
  async function describe(job: TransformJob): Promise<TransformedImage> {
    const watch = createStopwatch();
    const { bytes, options } = job;
    if (needsHeaderOnly(options)) {
      const header = headerOf(job);
      const isPartial = partOnly(job, header);
      const told = tellHeader(header, bytes.length);
      watch.lap("decode");
      const { width, height, frames } = header;
      return { ...told, width, height, frames, isPartial, timings: { queue: 0, ...watch.spent } };
    }
    const asked = { ...job, options: { ...describedOptions(options), format: "png" as const } };
    const planned = plan(asked);
    const { header } = planned.plan;
    const overlays = planOverlays(asked, { ...planned, headerOf, plan });
    checkGrant(job, planned, overlays);
    const layers = await layersOf(overlays, job);
    return await decoder.decode(bytes, planned.plan, async (frames, loose) => {
      const isPartial = partOnly(job, header, loose);
      await shapeFrames(asked, { planned, frames, loose, layers, watch });
      const picture = readRaster(frames[0]!, engine);
      const told = await tellPicture(
        { options, header, bytes: bytes.length, picture },
        (small) => tinyPicture(frames, { small, encoder, engine }),
      );
      watch.lap("encode");
      const { width, height } = picture;
      return {
        ...told,
        width,
        height,
        frames: 1,
        isPartial,
        timings: { queue: 0, ...watch.spent },
      };
    });
  }

  async function shapeShare(job: TransformJob, range: FrameRange): Promise<FramePixels[]> {
    const planned = plan(job);
    const layers = await layersOf(planOverlays(job, { ...planned, headerOf, plan }), job);
    return await decoder.decode(job.bytes, { ...planned.plan, range }, async (frames, loose) => {
      await shapeFrames(job, { planned, frames, loose, layers });
      return takeFrames(frames);
    });
  }

  return {
    transform,
    run: async (errand, job) =>
      errand.kind === "write"
        ? await encoder.writeShare(errand.share, errand.format)
        : await shapeShare(job!, errand.range),
    ready: codecs.ready,
    memory() {
      // What WebAssembly has grown out of has no bytes any more.
      if (!engineMemory?.byteLength) {
        engineMemory = canary.getPixels((pixels) => pixels.getReadOnlyArea(0, 0, 1, 1).buffer);
      }
      return engineMemory.byteLength + codecs.memoryUsed();
    },
  };
}

function headerOf({ bytes, options }: TransformJob): ImageHeader {
  const header = readHeader(bytes, options.frame);
  if (header) return options.noTurn ? { ...header, orientation: 1 } : header;
  throw new ProxyError("undecodable", "The bytes are not an image that can be decoded");
}

/** What is to be done, from the header and the options alone. */
function plan(job: TransformJob): Planned {
  const header = headerOf(job);
  checkHeader(header, job.limits);
  const planned = planDecode(job, header);
  checkFrames(planned.plan, job.limits);
  return planned;
}

/** Whether the original is cut short or damaged; throws "undecodable" where the job takes no such picture. */
function partOnly(
  { strict = false }: TransformJob,
  { isCut = false }: ImageHeader,
  { isPartial = false }: Partial<LooseFrames> = {},
): boolean {
  if (strict && (isCut || isPartial)) {
    throw new ProxyError(
      "undecodable",
      "The image is cut short or damaged, and this server shows none but whole ones",
    );
  }
  return isCut || isPartial;
}

/** Effects compute in sRGB: where there are any, only colours of three channels may stay as they are. */
function keptProfiles(options: Options, format: OutputFormat): readonly ProfileSpace[] {
  // What lies over the picture is in sRGB.
  if (options.profile !== "keep" || laysOver(options)) return [];
  const { profiles, dropsProfileIfLossy = false } = encodingOf(format);
  if (dropsProfileIfLossy && !options.lossless) return [];
  return paints(options) ? profiles.filter((space) => space === "rgb") : profiles;
}
