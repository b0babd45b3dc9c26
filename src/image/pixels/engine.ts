// The engine as a worker has it: nothing else loads it.
import type * as Magick from "@imagemagick/magick-wasm";

export type Engine = typeof Magick;
