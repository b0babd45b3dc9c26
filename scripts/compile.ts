// Makes dist/imageproxy, the whole program in one file: `deno task compile [target]`.
//
// `deno compile` embeds every package that deno.json and deno.lock name, with all its files. So it is run
// on a copy of the sources whose deno.json names only what the program itself imports, and is told to
// leave out the files that nothing loads. COMPILE_DENO names another deno to compile with. DENORT_BIN names a
// runtime base for this machine's own target where its download is out of reach, and variables such as
// DENORT_BIN_AARCH64_APPLE_DARWIN one for another target.
import denoConfig from "../deno.json" with { type: "json" };
import { startPermissions } from "./start_permissions.ts";

export const TARGETS = {
  "x86_64-unknown-linux-gnu": "imageproxy-linux-x64",
  "aarch64-unknown-linux-gnu": "imageproxy-linux-arm64",
  "x86_64-apple-darwin": "imageproxy-macos-x64",
  "aarch64-apple-darwin": "imageproxy-macos-arm64",
  "x86_64-pc-windows-msvc": "imageproxy-windows-x64.exe",
} as const;

export type Target = keyof typeof TARGETS;

const WORKERS = ["src/image/engine/worker.ts", "src/server/sibling.ts"];

/** Files of packages that nothing loads: types, maps, texts, the engine's builds for 64-bit memory and UMD. */
const DEAD_WEIGHT = /\.d\.[cm]?ts$|\.map$|\.md$|\/magick-wasm\/[^/]+\/dist\/(?:x64\/|index\.umd)/;

export interface CompileOptions {
  /** This machine's own where left out. */
  target?: Target;
  /** Where the program is put. */
  output: string;
}

/** Compiles the program. Throws with what deno said where that fails. */
export async function compile({ target, output }: CompileOptions): Promise<void> {
  const stage = await Deno.makeTempDir({ prefix: "imageproxy-compile-" });
  try {
    await copyProgram(stage);
    await runDeno(["cache", "--quiet", "main.ts", ...WORKERS], { cwd: stage });
    await requireSameVersions(stage);
    await runDeno([
      "compile",
      "--quiet",
      "--no-check",
      // The cache would lie in the system's temporary folder, where others could put code of theirs.
      "--no-code-cache",
      ...startPermissions(),
      ...WORKERS.flatMap((worker) => ["--include", worker]),
      ...(await deadWeight(stage)).flatMap((path) => ["--exclude", path]),
      ...(target ? ["--target", target] : []),
      ...["--output", await absolute(output)],
      "main.ts",
    ], { cwd: stage, target });
  } finally {
    await Deno.remove(stage, { recursive: true });
  }
}

/** The sources, and a deno.json without the tasks and packages that only tests and scripts use. */
async function copyProgram(stage: string): Promise<void> {
  const imported = await importsOf(["main.ts", "src"]);
  const imports = Object.fromEntries(
    Object.entries(denoConfig.imports).filter(([name]) => imported.has(name)),
  );
  const { tasks: _, exclude: __, ...config } = denoConfig;
  await Deno.writeTextFile(`${stage}/deno.json`, JSON.stringify({ ...config, imports }));
  await Deno.copyFile("deno.lock", `${stage}/deno.lock`);
  for await (const path of filesUnder(["main.ts", "src"])) {
    await Deno.mkdir(`${stage}/${path.slice(0, path.lastIndexOf("/") + 1)}`, { recursive: true });
    await Deno.copyFile(path, `${stage}/${path}`);
  }
}

/** Names of deno.json's imports that the files under `roots` mention in quotes, alone or with a path. */
export async function importsOf(roots: readonly string[]): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const path of filesUnder(roots)) {
    const source = await Deno.readTextFile(path);
    for (const name of Object.keys(denoConfig.imports)) {
      if (source.includes(`"${name}"`) || source.includes(`"${name}/`)) names.add(name);
    }
  }
  return names;
}

/** Deno has cut the copied lock file to what is left; whatever is in it must have been locked before. */
async function requireSameVersions(stage: string): Promise<void> {
  const locked = await lockedPackages(".");
  for (const [name, integrity] of await lockedPackages(stage)) {
    if (locked.get(name) !== integrity) throw new Error(`${name} is not what deno.lock says`);
  }
}

/** Package and version → integrity; peers in the version are left out. */
async function lockedPackages(folder: string): Promise<Map<string, string>> {
  const { npm = {} }: { npm?: Record<string, { integrity: string }> } = JSON.parse(
    await Deno.readTextFile(`${folder}/deno.lock`),
  );
  return new Map(
    Object.entries(npm).map((
      [name, { integrity }],
    ) => [name.replace(/(?<=.@[^_]+)_.*$/, ""), integrity]),
  );
}

async function deadWeight(stage: string): Promise<string[]> {
  const { npmCache } = JSON.parse(await runDeno(["info", "--json"], { cwd: stage }));
  const found: string[] = [];
  for await (const registry of Deno.readDir(npmCache)) {
    for (const name of (await lockedPackages(stage)).keys()) {
      const at = name.lastIndexOf("@");
      const root = `${npmCache}/${registry.name}/${name.slice(0, at)}/${name.slice(at + 1)}`;
      for await (const path of filesUnder([root])) if (DEAD_WEIGHT.test(path)) found.push(path);
    }
  }
  return found;
}

/** Every file at or under the given paths; nothing where a path does not exist. */
async function* filesUnder(paths: readonly string[]): AsyncGenerator<string> {
  for (const path of paths) {
    const info = await Deno.stat(path).catch(() => undefined);
    if (info?.isFile) yield path;
    if (!info?.isDirectory) continue;
    for await (const { name } of Deno.readDir(path)) yield* filesUnder([`${path}/${name}`]);
  }
}

async function runDeno(
  args: readonly string[],
  { cwd, target = Deno.build.target as Target }: { cwd: string; target?: Target | undefined },
): Promise<string> {
  const { DENORT_BIN, COMPILE_DENO = Deno.execPath(), ...env } = Deno.env.toObject();
  // A base of another target than the wanted would be taken without a word.
  const base = env[`DENORT_BIN_${target.toUpperCase().replaceAll("-", "_")}`] ??
    (target === Deno.build.target ? DENORT_BIN : undefined);
  const { success, stdout, stderr } = await new Deno.Command(COMPILE_DENO, {
    args: [...args],
    cwd,
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
