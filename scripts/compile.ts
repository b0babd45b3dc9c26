// Makes dist/imageproxy, the whole program in one file: `deno task compile [target]`.
//
// `deno compile` embeds every package of deno.lock, with all its files: the lock file names only what the
// program itself imports (dev.lock names the rest), and the files that nothing loads are left out here.
// COMPILE_DENO names another deno to compile with. DENORT_BIN names a runtime base for this machine's own
// target where its download is out of reach, and variables such as DENORT_BIN_AARCH64_APPLE_DARWIN one for
// another target.
import { gzipSync } from "node:zlib";
import { V8_FLAGS } from "../src/image/engine/engine_command.ts";
import { readFonts } from "../src/image/engine/wasm/drawing_fonts.ts";
import { readDrawing } from "../src/image/engine/wasm/drawing_wasm.ts";
import { readEngine } from "../src/image/engine/wasm/engine_wasm.ts";
import { readWebpWriter } from "../src/image/engine/wasm/webp_wasm.ts";
import { compiledPermissions } from "./start_permissions.ts";

export const TARGETS = {
  "x86_64-unknown-linux-gnu": "imageproxy-linux-x64",
  "aarch64-unknown-linux-gnu": "imageproxy-linux-arm64",
  "x86_64-apple-darwin": "imageproxy-macos-x64",
  "aarch64-apple-darwin": "imageproxy-macos-arm64",
  "x86_64-pc-windows-msvc": "imageproxy-windows-x64.exe",
} as const;

export type Target = keyof typeof TARGETS;

const WORKERS = ["src/image/engine/worker.ts", "src/server/sibling.ts"];

/** The engine's WebAssembly, compressed, where the program looks for it. */
const ENGINE = "dist/magick.wasm.gz";
/** The same of what draws, and of what writes WebPs. */
const DRAWING = "dist/resvg.wasm.gz", WEBP = "dist/webp_enc.wasm.gz";

/**
 * Files of packages that nothing loads. All that is embedded lies in the memory of both processes for good.
 */
const DEAD_WEIGHT = new RegExp(
  [
    // Types, maps, texts, and what packages were tried and measured with.
    ...[/\.d\.[cm]?ts$/, /\.map$/, /\.md$/, /\/tests?\//],
    // The engine for 64-bit memory and as UMD, and the engine that is used, what draws, and its fonts, which are
    // embedded compressed; the same fonts in other forms.
    ...[/\/magick-wasm\/[^/]+\/dist\/(?:x(?:64|86)\/|index\.umd)/],
    ...[/\/resvg-wasm\/.*(?:\.wasm|index(?:\.min)?\.js)$/, /\.ttf$/, /\.(?:svg|eot|woff2?)$/],
    // What writes WebPs, likewise; what reads them, or writes them without SIMD.
    ...[/\/@jsquash\/webp\/.*(?:\.wasm|\/dec\/.*|webp_enc\.js)$/],
    // The same code for other ways of loading it.
    ...[/\/hono\/[^/]+\/dist\/cjs\//, /\/lru-cache\/.*\/(?:commonjs|browser|react-native)\//],
    // What unstorage brings along for drivers and servers of its own that are not used.
    /\/(?:anymatch|chokidar|cookie-es|crossws|defu|destr|h3|iron-webcrypto|node-fetch-native)\/.*js$/,
    /\/(?:node-mock-http|normalize-path|ofetch|picomatch|radix3|readdirp|ufo|uncrypto)\/.*js$/,
  ].map(({ source }) => source).join("|"),
);

export interface CompileOptions {
  /** This machine's own where left out. */
  target?: Target;
  /** Where the program is put. */
  output: string;
}

/**
 * Compiles the program. Throws with what deno said where that fails, and what to set; the program that was
 * there before is then left as it was.
 */
export async function compile({ target, output }: CompileOptions): Promise<void> {
  const path = await absolute(output);
  const slash = path.lastIndexOf("/") + 1;
  // In the same folder, so that it can be renamed, and with the ending that Windows wants.
  const part = `${path.slice(0, slash)}part-${Deno.pid}-${path.slice(slash)}`;
  try {
    await compileInto(part, target);
    await Deno.rename(part, path);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw new Error(`${(error as Error).message}\n${whatToSet(target)}`);
  }
}

async function compileInto(output: string, target: Target | undefined): Promise<void> {
  await runDeno(["cache", "--quiet", "main.ts", ...WORKERS]);
  await runDeno([
    "compile",
    "--quiet",
    "--no-check",
    // The cache would lie in the system's temporary folder, where others could put code of theirs.
    "--no-code-cache",
    // They hold for the server too: a program has one set of them.
    `--v8-flags=${V8_FLAGS}`,
    ...permissionsFor(target ?? Deno.build.target as Target),
    ...[...WORKERS, ...await compressEngines()].flatMap((file) => ["--include", file]),
    ...(await deadWeight()).flatMap((path) => ["--exclude", path]),
    ...(target ? ["--target", target] : []),
    ...["--output", output],
    "main.ts",
  ], target);
}

function whatToSet(target = Deno.build.target as Target): string {
  const base = target === Deno.build.target ? "DENORT_BIN" : baseVariable(target);
  return `Nothing was changed. Where the runtime base (denort of ${target}) cannot be downloaded, set ` +
    `${base} to the path of one, of the same version as deno; COMPILE_DENO names another deno.`;
}

function baseVariable(target: Target): string {
  return `DENORT_BIN_${target.toUpperCase().replaceAll("-", "_")}`;
}

/** Packages with their versions, as in `undici@7.30.2`; peers in the version are left out. */
async function lockedPackages(): Promise<string[]> {
  const { npm } = JSON.parse(await Deno.readTextFile("deno.lock"));
  return Object.keys(npm).map((name) => name.replace(/(?<=.@[^_]+)_.*$/, ""));
}

async function deadWeight(): Promise<string[]> {
  const { npmCache } = JSON.parse(await runDeno(["info", "--json"]));
  const found: string[] = [];
  for await (const registry of Deno.readDir(npmCache)) {
    for (const name of await lockedPackages()) {
      const at = name.lastIndexOf("@");
      const root = `${npmCache}/${registry.name}/${name.slice(0, at)}/${name.slice(at + 1)}`;
      for await (const path of filesUnder(root)) if (DEAD_WEIGHT.test(path)) found.push(path);
    }
  }
  return found;
}

/** Every file under a folder; nothing where there is none. */
async function* filesUnder(folder: string): AsyncGenerator<string> {
  const info = await Deno.stat(folder).catch(() => undefined);
  if (!info?.isDirectory) return;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* filesUnder(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

async function compressEngines(): Promise<string[]> {
  await Deno.mkdir("dist", { recursive: true });
  await Deno.writeFile(ENGINE, gzipSync(await readEngine(), { level: 9 }));
  await Deno.writeFile(DRAWING, gzipSync(await readDrawing(), { level: 9 }));
  await Deno.writeFile(WEBP, gzipSync(await readWebpWriter(), { level: 9 }));
  const fonts = await Promise.all((await readFonts()).map(async ({ name, bytes }) => {
    const file = `dist/${name}.ttf.gz`;
    await Deno.writeFile(file, gzipSync(bytes, { level: 9 }));
    return file;
  }));
  return [ENGINE, DRAWING, WEBP, ...fonts];
}

function permissionsFor(target: Target): string[] {
  const ending = target.includes("windows") ? ".exe" : "";
  return compiledPermissions({
    os: target.includes("linux") ? "linux" : "other",
    names: [`imageproxy${ending}`, TARGETS[target]],
  });
}

async function runDeno(
  args: readonly string[],
  target = Deno.build.target as Target,
): Promise<string> {
  const { DENORT_BIN, COMPILE_DENO = Deno.execPath(), ...env } = Deno.env.toObject();
  // A base of another target than the wanted would be taken without a word.
  const base = env[baseVariable(target)] ??
    (target === Deno.build.target ? DENORT_BIN : undefined);
  const { success, stdout, stderr } = await new Deno.Command(COMPILE_DENO, {
    args: [...args],
    // Deno 2.6 runs out of stack, or does not, on the same graph of modules.
    env: {
      RUST_MIN_STACK: `${64 << 20}`,
      ...env,
      NO_COLOR: "1",
      ...(base && { DENORT_BIN: base }),
    },
    clearEnv: true,
  }).output();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(`deno ${args[0]} failed:\n${new TextDecoder().decode(stderr).trim()}`);
}

async function absolute(path: string): Promise<string> {
  const [, folder = "", name] = /^(.*\/)?([^/]+)$/.exec(path) ?? [];
  await Deno.mkdir(folder || ".", { recursive: true });
  return `${await Deno.realPath(folder || ".")}/${name}`;
}

if (import.meta.main) {
  const [target] = Deno.args;
  if (target !== undefined && !Object.hasOwn(TARGETS, target)) {
    console.error(`Cannot compile for "${target}"; targets are ${Object.keys(TARGETS).join(", ")}`);
    Deno.exit(2);
  }
  const output = target ? `dist/${TARGETS[target as Target]}` : "dist/imageproxy";
  try {
    await compile({ output, ...(target ? { target: target as Target } : {}) });
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(1);
  }
  console.log(`${output}: ${((await Deno.stat(output)).size / 1e6).toFixed(1)} MB`);
}
