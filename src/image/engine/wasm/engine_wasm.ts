// The engine's WebAssembly with a ceiling on its memory: what a picture makes it take beyond that, it is
// refused by the virtual machine, whatever the engine itself believes.
import { gunzipSync } from "node:zlib";
import { letGo } from "./shared_file.ts";
import { MEMORY_SECTION, PAGE, readUnsigned } from "./wasm_format.ts";

/** The package's own file, which the program reads from source. */
const PACKAGED = "@imagemagick/magick-wasm/magick.wasm";
/**
 * What scripts/compile.ts embeds in that file's place. All that is embedded lies in the memory of each process
 * for good: compressed it is 9 MB less, twice.
 */
const EMBEDDED = "../../../../dist/magick.wasm.gz";

/** The engine's WebAssembly. Takes permission to read. */
export async function readEngine(): Promise<Uint8Array<ArrayBuffer>> {
  if (!Deno.build.standalone) return await Deno.readFile(new URL(import.meta.resolve(PACKAGED)));
  const file = await Deno.readFile(new URL(EMBEDDED, import.meta.url));
  // A gzip file tells its length at its end (RFC 1952 section 2.3.1): in one piece, there is nothing to collect.
  const chunkSize = new DataView(file.buffer).getUint32(file.length - 4, true);
  const wasm = gunzipSync(file, { chunkSize }) as Uint8Array<ArrayBuffer>;
  letGo(file);
  return wasm;
}

/** The module whose memory, in bytes, is never more than `maxMemory`. Takes the bytes away: V8 has its own. */
export async function compileEngine(
  wasm: Uint8Array<ArrayBuffer>,
  maxMemory: number,
): Promise<WebAssembly.Module> {
  capMemory(wasm, maxMemory);
  const module = await WebAssembly.compile(wasm);
  letGo(wasm);
  return module;
}

/**
 * Lowers the maximum in the module's memory section (WebAssembly core specification 5.5.8) to so many bytes,
 * but not below what it starts with. Throws where the module has not one memory with a maximum of its own.
 */
export function capMemory(wasm: Uint8Array, maxMemory: number): void {
  let at = 8;
  while (at < wasm.length) {
    const id = wasm[at]!;
    const size = readUnsigned(wasm, at + 1);
    if (id !== MEMORY_SECTION) {
      at = size.end + size.value;
      continue;
    }
    const count = readUnsigned(wasm, size.end);
    const flags = readUnsigned(wasm, count.end);
    if (count.value !== 1 || flags.value !== 1) break;
    const least = readUnsigned(wasm, flags.end);
    const most = readUnsigned(wasm, least.end);
    const wanted = Math.max(least.value, Math.floor(maxMemory / PAGE));
    writeUnsigned(wasm.subarray(least.end, most.end), Math.min(wanted, most.value));
    return;
  }
  throw new Error("The engine's WebAssembly has no memory whose maximum could be lowered");
}

/** A number that fills its place: LEB128 may be longer than it need be. */
function writeUnsigned(place: Uint8Array, value: number): void {
  for (let index = 0; index < place.length; index++) {
    const isLast = index === place.length - 1;
    place[index] = (value % 128) | (isLast ? 0 : 128);
    value = Math.floor(value / 128);
  }
}
