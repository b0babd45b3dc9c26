// SVG, drawn by resvg: by a WebAssembly of its own, which has no way to a file, a network or a script. It is
// made ready when the first drawing comes.
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { ProxyError } from "../../../errors.ts";
import type { Engine } from "../../pixels/engine.ts";
import { sameSize, type Size, sizeOf } from "../../pixels/geometry.ts";
import { unpremultiplied } from "../../pixels/unpremultiplied.ts";
import type { Codec, Drawing, LoadDrawing, Outside } from "../coding/codec.ts";
import type { Decoding } from "../coding/decoding.ts";
import { useSeenFrames } from "../coding/seen_picture.ts";
import { undecodable } from "../reading/image_header.ts";
import { checkDrawing } from "./check_drawing.ts";
import { resizedTag } from "./root_tag.ts";
import { withoutDoctype } from "./doctype.ts";
import { findRoot, svgText } from "./svg_text.ts";

/** The family of the built-in font. */
const FONT = "DejaVu Sans";
/** Bytes that resvg takes for each character and for each pixel, roughly: it does not tell. */
const CHARACTER_BYTES = 20, PIXEL_BYTES = 16;

export function createCodec(
  engine: Engine,
  _decoding: Decoding,
  { loadDrawing, readHeader }: Outside,
): Codec {
  let memory = 0;

  return {
    async decode(bytes, plan, use) {
      const fonts = await makeReady(loadDrawing);
      const text = withoutDoctype(svgText(bytes));
      checkDrawing(text, readHeader);
      const size = plan.drawnSize ?? sizeOf(plan.header);
      memory = Math.max(
        memory,
        text.length * CHARACTER_BYTES + size.width * size.height * PIXEL_BYTES,
      );
      const shape = { ...size, channels: 4, hasAlpha: true } as const;
      const data = unpremultiplied({ data: draw(text, { size, fonts }), ...shape });
      const frames = [{
        pixels: { data, ...shape },
        index: 0,
      }] as const;
      const header = { ...plan.header, ...size };
      return await useSeenFrames({ frames }, { plan: { ...plan, header }, engine }, use);
    },
    memoryUsed: () => memory,
  };
}

// The package has one WebAssembly for all who import it, so that this is no state of ours.
let ready: Promise<Drawing["fonts"]> | undefined;

/** Resolves to the fonts. */
async function makeReady(loadDrawing: LoadDrawing | undefined): Promise<Drawing["fonts"]> {
  if (!loadDrawing) throw new ProxyError("undecodable", "An SVG is not drawn here");
  return await (ready ??= loadDrawing().then(async ({ module, fonts }) => {
    await initWasm(module);
    return fonts;
  }));
}

/** RGBA of this size, multiplied by alpha. Throws `undecodable` where the text is no drawing. */
function draw(
  text: string,
  { size, fonts }: { size: Size; fonts: Drawing["fonts"] },
): Uint8Array {
  const root = findRoot(text)!;
  const sized = text.slice(0, root.start) + resizedTag(text.slice(root.start, root.end), size) +
    text.slice(root.end);
  const drawing = parse(sized, hasText(text) ? fonts : []);
  // Where this throws, the WebAssembly is in an unknown state, and frees nothing.
  const image = drawing.render();
  const { pixels, width, height } = image;
  image.free();
  drawing.free();
  if (sameSize({ width, height }, size)) return pixels;
  throw new TypeError(`The drawing came out as ${width}x${height} pixels`);
}

/** Only then are fonts read: each time anew. */
function hasText(text: string): boolean {
  return /<(?:[^\s<>:]*:)?text[\s>/]/.test(text);
}

function parse(text: string, fonts: Drawing["fonts"]): InstanceType<typeof Resvg> {
  try {
    return new Resvg(text, {
      font: {
        fontBuffers: [...fonts],
        defaultFontFamily: FONT,
        // What no font here is called has its letters from one of these.
        serifFamily: FONT,
        sansSerifFamily: FONT,
        monospaceFamily: FONT,
        cursiveFamily: FONT,
        fantasyFamily: FONT,
      },
    });
  } catch (cause) {
    // A trap or a full stack is no word about the drawing: the WebAssembly is then in an unknown state.
    if (!(cause instanceof Error) || cause.constructor !== Error) throw cause;
    throw undecodable(`The SVG cannot be drawn: ${cause.message}`);
  }
}
