// The codecs of the formats that bring their own, as a worker has them around its engine. Whoever imports
// this may load them: the server itself must not.
import type { Engine } from "../pixels/engine.ts";
import type { Codec, Drawer, Loaders } from "./coding/codec.ts";
import type { Format } from "./coding/format.ts";
import { readHeader } from "./read_header.ts";
import { createDrawer } from "./svg/drawer.ts";
import { FORMAT_NAMES, type FormatName, formatOf } from "./table.ts";

export interface Codecs {
  /** The codec of a format; one without any code of its own has an empty one. */
  of(format: FormatName): Promise<Codec>;
  /** What draws for them, and for others. */
  readonly drawer: Drawer;
  /** Resolves when all are loaded; rejects where one cannot be. */
  ready(): Promise<void>;
  /** Bytes of memory of all that are loaded, beside the engine's. */
  memoryUsed(): number;
}

/** Starts to load all codecs, so that none keeps a picture waiting later. */
export function createCodecs(engine: Engine, loaders: Loaders = {}): Codecs {
  const drawer = createDrawer(loaders.drawing);
  const outside = { drawer, webpWriter: loaders.webpWriter, readHeader };
  const loaded: Codec[] = [];

  async function load({ loadCodec, decoding = {} }: Format): Promise<Codec> {
    const made = loadCodec ? (await loadCodec()).createCodec(engine, decoding, outside) : {};
    loaded.push(made);
    return made;
  }

  const codecs = new Map(
    FORMAT_NAMES.map((name) => [name, load(formatOf(name))]),
  );
  return {
    of: (format) => codecs.get(format)!,
    drawer,
    ready: async () => void await Promise.all(codecs.values()),
    memoryUsed: () =>
      [drawer, ...loaded].reduce((sum, { memoryUsed }) => sum + (memoryUsed?.() ?? 0), 0),
  };
}
