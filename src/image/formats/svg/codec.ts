// SVG, drawn in the size that is wanted, with whatever text it has.
import type { Engine } from "../../pixels/engine.ts";
import { type Size, sizeOf } from "../../pixels/geometry.ts";
import type { Codec, Outside } from "../coding/codec.ts";
import type { Decoding } from "../coding/decoding.ts";
import { useSeenFrames } from "../coding/seen_picture.ts";
import { checkDrawing } from "./check_drawing.ts";
import { resizedTag } from "./root_tag.ts";
import { withoutDoctype } from "./doctype.ts";
import { findRoot, svgText } from "./svg_text.ts";

export function createCodec(
  engine: Engine,
  _decoding: Decoding,
  { drawer, readHeader }: Outside,
): Codec {
  return {
    async decode(bytes, plan, use) {
      const fonts = await drawer.ready();
      const text = withoutDoctype(svgText(bytes));
      checkDrawing(text, readHeader);
      const size = plan.drawnSize ?? sizeOf(plan.header);
      const shape = { ...size, channels: 4, hasAlpha: true } as const;
      const used = hasText(text) ? fonts.forDrawing(text) : [];
      const data = drawer.draw(sized(text, size), size, used);
      const frames = [{
        pixels: { data, ...shape },
        index: 0,
      }] as const;
      const header = { ...plan.header, ...size };
      return await useSeenFrames({ frames }, { plan: { ...plan, header }, engine }, use);
    },
  };
}

/** The same text with a root element that says this size. */
function sized(text: string, size: Size): string {
  const { start, end } = findRoot(text)!;
  return text.slice(0, start) + resizedTag(text.slice(start, end), size) + text.slice(end);
}

/** Only then are fonts read: each time anew. */
function hasText(text: string): boolean {
  return /<(?:[^\s<>:]*:)?text[\s>/]/.test(text);
}
