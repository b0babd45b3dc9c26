// Compiles the resampler's kernel. What it compiles to is committed, as text, so that neither users nor
// images of the program need a compiler; `--check` proves that it still is what the source says.

import { main as compile } from "assemblyscript/asc";

const SOURCE = new URL("../src/image/resample_kernel.as.ts", import.meta.url);
const RESULT = new URL("../src/image/resample_kernel.ts", import.meta.url);

const module = await build(await Deno.readTextFile(SOURCE));
const result = `// Written by scripts/build_kernel.ts from resample_kernel.as.ts. Do not edit.
// A string and not a .wasm file: \`deno compile\` leaves a .wasm that is imported out of the binary.

/** The WebAssembly module of the resampler, in base64. */
export const RESAMPLE_KERNEL =
  "${btoa(String.fromCharCode(...module))}";
`;

if (!Deno.args.includes("--check")) {
  await Deno.writeTextFile(RESULT, result);
  console.log(`Wrote a module of ${module.length} bytes to src/image/resample_kernel.ts`);
} else if (result !== await Deno.readTextFile(RESULT)) {
  console.error(
    "src/image/resample_kernel.ts is not what its source compiles to: run `deno task kernel`",
  );
  Deno.exit(1);
}

async function build(source: string): Promise<Uint8Array> {
  let module: Uint8Array | undefined;
  const flags = [
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
  const { error, stderr } = await compile(["kernel.ts", ...flags], {
    readFile: (name: string) => name === "kernel.ts" ? source : null,
    writeFile: (name: string, content: string | Uint8Array) => {
      if (name === "out.wasm") module = content as Uint8Array;
    },
    listFiles: () => [],
  });
  if (error || !module) throw new Error(`Cannot compile the kernel: ${stderr}`, { cause: error });
  return module;
}
