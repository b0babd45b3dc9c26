// The WebAssembly that writes WebPs (libwebp with SIMD), with a ceiling on its memory. As of what draws, the engine's
// process has its bytes from the start, and a worker compiles them when it has something to write.
import { capMemory } from "./engine_wasm.ts";
import { readShipped, unpacked } from "./shared_file.ts";

const FILE = {
  packaged: "@jsquash/webp/codec/enc/webp_enc_simd.wasm",
  embedded: "webp_enc.wasm.gz",
} as const;
/** Bytes that writing can ever take in one worker: some 40 million pixels of a photo. */
const CEILING = 512 << 20;

/** The WebAssembly's bytes, compressed in the compiled program. Takes permission to read. */
export async function readWebpWriter(): Promise<Uint8Array<SharedArrayBuffer>> {
  return await readShipped(FILE);
}

/** Makes such bytes ready to write with, in no more memory than the operator grants a worker's engine. */
export async function prepareWebpWriter(
  wasm: Uint8Array<SharedArrayBuffer>,
  memoryCeiling = Infinity,
): Promise<WebAssembly.Module> {
  const own = unpacked(wasm);
  capMemory(own, Math.min(CEILING, memoryCeiling));
  return await WebAssembly.compile(own);
}
