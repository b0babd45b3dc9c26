// Compiles the kernels. What they compile to is committed, as text, so that neither users nor images of
// the program need a compiler; `--check` proves that it still is what the sources say.

import { main as compile } from "assemblyscript/asc";

const FOLDER = new URL("../src/image/", import.meta.url);
const KERNELS = [
  { file: "pixels/resample_kernel", constant: "RESAMPLE_KERNEL", what: "the resampler" },
  { file: "formats/jpeg/decode_kernel", constant: "DECODE_KERNEL", what: "the JPEG decoder" },
  { file: "formats/jpeg/kernels/scan_kernel", constant: "SCAN_KERNEL", what: "JPEG's scans" },
  { file: "formats/jpeg/encode_kernel", constant: "ENCODE_KERNEL", what: "the JPEG encoder" },
  { file: "formats/coding/inflate_kernel", constant: "INFLATE_KERNEL", what: "inflating" },
  { file: "formats/png/rows/filter_kernel", constant: "FILTER_KERNEL", what: "PNG's filters" },
  { file: "formats/webp/vp8_kernel", constant: "VP8_KERNEL", what: "the decoder of lossy WebP" },
];
const FLAGS = [
  "--outFile",
  "out.wasm",
  "--runtime",
  "stub",
  "--initialMemory",
  "16",
  "--enable",
  "simd",
  "-O3",
  "--noAssert",
];

for (const { file, constant, what } of KERNELS) {
  const name = file.replace(/.*\//, "");
  const target = new URL(`${file}.ts`, FOLDER);
  const module = await build(`${file}.as.ts`);
  const result = `// Written by scripts/build_kernel.ts from ${name}.as.ts. Do not edit.
// A string and not a .wasm file: \`deno compile\` leaves a .wasm that is imported out of the binary.

/** The WebAssembly module of ${what}, in base64. */
export const ${constant} =
  "${btoa(String.fromCharCode(...module))}";
`;
  if (!Deno.args.includes("--check")) {
    await Deno.writeTextFile(target, result);
    console.log(`Wrote a module of ${module.length} bytes to src/image/${file}.ts`);
  } else if (result !== await Deno.readTextFile(target)) {
    console.error(
      `src/image/${file}.ts is not what its source compiles to: run \`deno task kernel\``,
    );
    Deno.exit(1);
  }
}

async function build(file: string): Promise<Uint8Array> {
  let module: Uint8Array | undefined;
  const { error, stderr } = await compile([file, ...FLAGS], {
    readFile: (name: string) => Deno.readTextFile(new URL(name, FOLDER)).catch(() => null),
    writeFile: (name: string, content: string | Uint8Array) => {
      if (name === "out.wasm") module = content as Uint8Array;
    },
    listFiles: () => [],
  });
  if (error || !module) throw new Error(`Cannot compile a kernel: ${stderr}`, { cause: error });
  return module;
}
