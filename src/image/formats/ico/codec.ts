// ICO and CUR: the best picture by our own decoder, or as the PNG file that it is.
import type { Engine } from "../../pixels/engine.ts";
import type { Codec } from "../coding/codec.ts";
import { useSeenFrames } from "../coding/seen_picture.ts";
import { decodeIconBitmap, pngInIcon } from "./decode_ico.ts";

export function createCodec(engine: Engine): Codec {
  return {
    unwrap(bytes) {
      const png = pngInIcon(bytes);
      return png && { format: "png", bytes: png };
    },
    async decode(bytes, plan, use) {
      const { pixels, isPartial } = decodeIconBitmap(bytes);
      const frames = [{ pixels, index: 0 }];
      return await useSeenFrames({ frames, isPartial }, { plan, engine }, use);
    },
  };
}
