// What draws SVGs: resvg, a WebAssembly of its own, which has no way to a file, a network or a script. It is made
// ready when the first drawing comes.
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { ProxyError } from "../../../errors.ts";
import type { Font, FontSet } from "../../fonts/font_set.ts";
import { sameSize } from "../../pixels/geometry.ts";
import { unpremultiplied } from "../../pixels/unpremultiplied.ts";
import type { Drawer, LoadDrawing } from "../coding/codec.ts";
import { undecodable } from "../reading/image_header.ts";

/** Bytes that resvg takes for each character and for each pixel, roughly: it does not tell. */
const CHARACTER_BYTES = 60, PIXEL_BYTES = 16;

// The package has one WebAssembly for all who import it, so that this is no state of ours.
let started: Promise<FontSet> | undefined;

/** The drawer of one worker; one without `loadDrawing` draws nothing. */
export function createDrawer(loadDrawing: LoadDrawing | undefined): Drawer {
  let memory = 0;

  return {
    async ready() {
      if (!loadDrawing) throw new ProxyError("undecodable", "Nothing is drawn here");
      return await (started ??= loadDrawing().then(async ({ module, fonts }) => {
        await initWasm(module);
        return fonts;
      }));
    },
    draw(svg, size, fonts) {
      const { width, height } = size;
      memory = Math.max(memory, svg.length * CHARACTER_BYTES + width * height * PIXEL_BYTES);
      const drawing = parse(svg, fonts);
      // Where this throws, the WebAssembly is in an unknown state, and frees nothing.
      const image = drawing.render();
      const drawn = { data: image.pixels, width: image.width, height: image.height };
      image.free();
      drawing.free();
      if (!sameSize(drawn, size)) {
        throw new TypeError(`The drawing came out as ${drawn.width}x${drawn.height} pixels`);
      }
      return unpremultiplied({ ...drawn, channels: 4, hasAlpha: true });
    },
    asPaths(svg, fonts) {
      const drawing = parse(svg, fonts);
      const paths = drawing.toString();
      drawing.free();
      return paths;
    },
    memoryUsed: () => memory,
  };
}

function parse(svg: string, fonts: readonly Font[]): InstanceType<typeof Resvg> {
  const family = fonts[0]?.family ?? "";
  try {
    return new Resvg(svg, {
      font: {
        fontBuffers: fonts.map(({ bytes }) => bytes),
        defaultFontFamily: family,
        // What no font here is called has its letters from one of these.
        serifFamily: family,
        sansSerifFamily: family,
        monospaceFamily: family,
        cursiveFamily: family,
        fantasyFamily: family,
      },
    });
  } catch (cause) {
    // A trap or a full stack is no word about the drawing: the WebAssembly is then in an unknown state.
    if (!(cause instanceof Error) || cause.constructor !== Error) throw cause;
    throw undecodable(`The SVG cannot be drawn: ${cause.message}`);
  }
}
