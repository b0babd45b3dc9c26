// What an entry of the table of formats says: everything that is known of a format, but for the code that
// decodes and encodes it ourselves, which only workers load.
import type { ByteReader, ReaderOptions } from "../reading/byte_reader.ts";
import type { HeaderFacts } from "../reading/image_header.ts";
import type { CreateCodec } from "./codec.ts";
import type { Decoding } from "./decoding.ts";
import type { Encoding } from "./encoding.ts";

export interface Format {
  /** As people write it. */
  name: string;
  mediaType: `image/${string}`;
  /** Other media types that are as true of it, and are left to originals that come with them. */
  alsoCalled?: readonly `image/${string}`[];
  /** Other words for it in a URL; what is written has its key in the table as word. */
  aliases?: readonly string[];
  /** Of file names; the first is the one that is given. */
  extensions: readonly [string, ...string[]];
  /** Which files of it are read, for docs/formats.md. */
  kinds: string;
  recognition: Recognition;
  /** Left out where a picture is only ever passed through. */
  decoding?: Decoding;
  /** Left out where it is not written. */
  encoding?: Encoding;
  /** Our own code, for what the engine does slower or not at all. Loaded by workers only. */
  loadCodec?: () => Promise<{ createCodec: CreateCodec }>;
}

/** How bytes are told to be of the format, and what their header says. */
export interface Recognition extends Omit<ReaderOptions, "name"> {
  /** What messages call the file; the format's name unless told. */
  name?: string;
  /** Bytes of a file's start that tell whether it matches, where those are not the few of a signature. */
  within?: number;
  /** Whether the bytes' own signature is that of the format. */
  matches(reader: ByteReader): boolean;
  /**
   * Throws `undecodable` where the header is damaged. The format is told where the signature leaves it open
   * between this and another one, by its key in the table. Only of pages another than the first is asked for.
   */
  readHeader(reader: ByteReader, page: number): HeaderFacts & { format?: string };
}
