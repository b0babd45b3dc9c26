// Files that the engine's process reads at its start for threads that need them later, or never.
import { gunzipSync } from "node:zlib";

const GZIP_MAGIC = [0x1f, 0x8b];
/** Where scripts/compile.ts puts what it embeds. */
const EMBEDDED = "../../../../dist/";

/** A file that the program is shipped with. */
export interface ShippedFile {
  /** The package's own, which the program reads from source. */
  packaged: string;
  /** What scripts/compile.ts embeds in its place, compressed. */
  embedded: string;
}

/** The bytes of such a file for all threads to share, compressed in the compiled program. Takes permission to read. */
export async function readShipped(
  { packaged, embedded }: ShippedFile,
): Promise<Uint8Array<SharedArrayBuffer>> {
  return await readShared(
    Deno.build.standalone
      ? new URL(EMBEDDED + embedded, import.meta.url)
      : new URL(import.meta.resolve(packaged)),
  );
}

/** The bytes of a file as they lie there, for all threads to share. Takes permission to read. */
export async function readShared(file: URL | string): Promise<Uint8Array<SharedArrayBuffer>> {
  const bytes = await Deno.readFile(file);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  letGo(bytes);
  return shared;
}

/** Frees bytes at once: nothing else would have garbage collected in a process that only waits. */
export function letGo(bytes: Uint8Array<ArrayBuffer>): void {
  bytes.buffer.transfer(0);
}

/** A copy of such bytes, unpacked where the file is compressed by gzip. */
export function unpacked(bytes: Uint8Array<SharedArrayBuffer>): Uint8Array<ArrayBuffer> {
  const file = bytes.slice();
  const isCompressed = GZIP_MAGIC.every((byte, at) => file[at] === byte);
  return new Uint8Array(isCompressed ? gunzipSync(file) : file);
}
