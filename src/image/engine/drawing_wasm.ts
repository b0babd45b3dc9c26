// The WebAssembly that draws SVGs, with a ceiling on its memory. The engine's process has its bytes from the
// start, as it can read nothing later; a worker compiles them when it has something to draw.
import { gunzipSync } from "node:zlib";
import { limitMemory } from "./limit_memory.ts";

/** The package's own file, which the program reads from source. */
const PACKAGED = "@resvg/resvg-wasm/index_bg.wasm";
/** What scripts/compile.ts embeds in that file's place. */
const EMBEDDED = "../../../dist/resvg.wasm.gz";
/** Bytes that drawings can ever take in one worker. */
const CEILING = 512 << 20;
const GZIP_MAGIC = [0x1f, 0x8b];

/** The bytes, compressed in the compiled program, for all threads to share. Takes permission to read. */
export async function readDrawing(): Promise<Uint8Array<SharedArrayBuffer>> {
  const file = Deno.build.standalone
    ? new URL(EMBEDDED, import.meta.url)
    : new URL(import.meta.resolve(PACKAGED));
  const bytes = await Deno.readFile(file);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}

/** The module of such bytes. */
export async function compileDrawing(
  bytes: Uint8Array<SharedArrayBuffer>,
): Promise<WebAssembly.Module> {
  const file = bytes.slice();
  const isCompressed = GZIP_MAGIC.every((byte, at) => file[at] === byte);
  const wasm = isCompressed ? new Uint8Array(gunzipSync(file)) : new Uint8Array(file);
  return await WebAssembly.compile(limitMemory(wasm, CEILING));
}
