// What is laid over pictures, from its bytes to samples of the size that it has there. Each is made as any picture
// is, by the same limits, and only its first frame.
import { failureOf, ProxyError } from "../errors.ts";
import { type Overlay, overlaysIn } from "../options/overlay.ts";
import type { DrawLayer, Layers } from "../paint/layer.ts";
import type { Raster } from "../paint/raster.ts";
import type { ImageHeader } from "./formats/read_header.ts";
import { turnSize, uprightFrom } from "./pixels/dihedral.ts";
import { sameSize, scaled, type Size, sizeOf } from "./pixels/geometry.ts";
import type { ImageLimits, TransformJob } from "./plan/job.ts";
import { checkOutput, type Planned } from "./plan/plan_decode.ts";

/** One overlay of a job, and how to come by it. */
export interface PlannedOverlay {
  name: string;
  overlay: Overlay;
  /** Its own size, upright. */
  own: Size;
  /** What makes it, no larger than it has to be. */
  job: TransformJob;
  planned: Planned;
}

/**
 * What is to be made for a job's overlays. Where the picture's size is known from its header, each is made in the
 * size that it will have. Throws a ProxyError that says that it is of an overlay.
 */
export function planOverlays(
  job: TransformJob,
  { result, scale, headerOf, plan }: Pick<Planned, "result" | "scale"> & {
    headerOf(job: TransformJob): ImageHeader;
    plan(job: TransformJob): Planned;
  },
): PlannedOverlay[] {
  const { options, overlays = [], acceptedFormats: _accepted, ...others } = job;
  return overlaysIn(options).map(({ name, overlay }, index) => {
    try {
      const bytes = overlays[index];
      if (!bytes) throw new ProxyError("malformed", "It was not handed over");
      const options = { frame: 0, format: "png" } as const;
      const whole = { ...others, bytes, options };
      const header = headerOf(whole);
      const own = turnSize(sizeOf(header), uprightFrom(header.orientation));
      if (scale === undefined) return { name, overlay, own, job: whole, planned: plan(whole) };
      const size = sizeOn({ ...result, scale }, { overlay, own, limits: job.limits });
      // Nothing is enlarged before it is looked at.
      const made = {
        ...whole,
        scaleUp: false,
        options: { ...options, size, fit: "stretch" as const },
      };
      return { name, overlay, own, job: made, planned: plan(made) };
    } catch (error) {
      throw ofOverlay(error);
    }
  });
}

/** Makes overlays one after another; `draw` makes one picture, of one frame. */
export async function readOverlays(
  planned: readonly PlannedOverlay[],
  { draw, resize, limits }: {
    draw(overlay: PlannedOverlay): Promise<Raster>;
    resize(picture: Raster, size: Size): Raster;
    limits: ImageLimits;
  },
): Promise<Layers> {
  const layers: Record<string, DrawLayer> = {};
  for (const each of planned) {
    const { name, overlay, own } = each;
    let layer: Raster;
    try {
      layer = await draw(each);
    } catch (error) {
      throw ofOverlay(error);
    }
    layers[name] = (picture) => {
      try {
        const size = sizeOn(picture, { overlay, own, limits });
        // All frames have the same size, so that this happens once.
        if (!sameSize(layer, size)) layer = resize(layer, size);
      } catch (error) {
        throw ofOverlay(error);
      }
      return layer;
    };
  }
  return layers;
}

/** The size of an overlay on a picture; throws a ProxyError "too_large" where no result may be so large. */
function sizeOn(
  { width, scale }: Size & { scale: number },
  { overlay, own, limits }: { overlay: Overlay; own: Size; limits: ImageLimits },
): Size {
  const wanted = overlay.width === 0
    ? own.width * scale
    : overlay.width < 1
    ? overlay.width * width
    : overlay.width * scale;
  const across = Math.max(1, Math.round(wanted));
  const size = { width: across, height: scaled(across, own.height, own.width) };
  checkOutput(size, limits);
  return size;
}

function ofOverlay(error: unknown): unknown {
  return error instanceof ProxyError ? failureOf("The overlay cannot be shown", error) : error;
}
