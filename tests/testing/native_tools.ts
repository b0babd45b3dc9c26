// ImageMagick and libvips as they are installed here: what other programs make of the same file.
import type { Rect, Size } from "../../src/image/pixels/geometry.ts";
import { findCommand } from "./command.ts";

/** How an installed program does what the pipeline does; samples are of 8 bits, three or four a pixel. */
export interface NativeTool {
  name: string;
  /** Whether it enlarges by Lanczos too. */
  enlarges: boolean;
  /** RGB of a region at another size by the program's Lanczos filter; RGBA where the file has alpha. */
  resize(file: string, shape: { region: Rect; target: Size }): Promise<Uint8Array>;
  /** RGB, turned as EXIF tells, by the file's own profile, or as it is stored where it has none. */
  toSrgb(file: string, srgbProfile: string): Promise<Uint8Array>;
  /** The same picture in another format, with its profile. */
  convert(file: string, to: string): Promise<void>;
  /** The same numbers under another profile. */
  assignProfile(file: string, settings: { profile: string; to: string }): Promise<void>;
}

/** ImageMagick 7 or 6; undefined where there is none, or only something of its name. */
export async function findMagick(): Promise<string | undefined> {
  return await findReal(["magick", "convert"], ["-version", /^Version: ImageMagick [67]\./]);
}

/** The tools by name; those that are not installed are undefined. */
export async function findNativeTools() {
  const magick = await findMagick();
  const vips = await findReal(["vips"], ["--version", /^vips-?\s?8\./]);
  return {
    ImageMagick: magick === undefined ? undefined : magickTool(magick),
    libvips: vips === undefined ? undefined : vipsTool(vips),
  };
}

async function findReal(
  names: readonly string[],
  [option, version]: readonly [string, RegExp],
): Promise<string | undefined> {
  const { state } = await Deno.permissions.query({ name: "run" });
  if (state !== "granted") return undefined;
  for (const name of names) {
    const path = findCommand(name);
    if (!path) continue;
    const { success, stdout } = await new Deno.Command(path, { args: [option] }).output();
    if (success && version.test(new TextDecoder().decode(stdout))) return path;
  }
  return undefined;
}

function magickTool(program: string): NativeTool {
  const magick = (...args: readonly string[]) => run(program, args);
  return {
    name: "ImageMagick",
    enlarges: true,
    async resize(file, { region: { x, y, width, height }, target }) {
      const alpha = decode(await magick(file, "-format", "%A", "info:"));
      return await magick(
        ...[file, "-crop", `${width}x${height}+${x}+${y}`, "+repage"],
        ...["-filter", "Lanczos", "-resize", `${target.width}x${target.height}!`],
        ...["-depth", "8", /^(True|Blend)$/.test(alpha.trim()) ? "rgba:-" : "rgb:-"],
      );
    },
    toSrgb: (file, srgbProfile) =>
      magick(
        ...[file, "-auto-orient", "-intent", "Relative", "-black-point-compensation"],
        ...["-profile", srgbProfile, "-depth", "8", "rgb:-"],
      ),
    async convert(file, to) {
      // Of a PNG the tens are zlib's effort.
      await magick(file, "-quality", to.endsWith(".jpg") ? "95" : "10", to);
    },
    async assignProfile(file, { profile, to }) {
      await magick(file, "-strip", "-profile", profile, to);
    },
  };
}

function vipsTool(program: string): NativeTool {
  const vips = (...args: readonly string[]) => run(program, args);

  /** Runs operations one after the other, each on the one before's result, and reads the last one's. */
  async function chain(file: string, steps: readonly (readonly string[])[]): Promise<Uint8Array> {
    const folder = await Deno.makeTempDir({ prefix: "imageproxy-vips-" });
    try {
      let from = file;
      for (const [index, [operation, ...args]] of steps.entries()) {
        const to = `${folder}/${index}.v`;
        await vips(operation!, from, to, ...args);
        from = to;
      }
      await vips("rawsave", from, `${folder}/samples`);
      return await Deno.readFile(`${folder}/samples`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }

  return {
    name: "libvips",
    // Its resize takes a bicubic instead, whatever kernel it is told.
    enlarges: false,
    async resize(file, { region, target }) {
      const bands = Number(decode(await run(`${program}header`, ["-f", "bands", file])));
      const { x, y, width, height } = region;
      const [across, down] = [target.width / width, target.height / height];
      const hasAlpha = bands === 4;
      return await chain(file, [
        ["crop", ...[x, y, width, height].map(String)],
        ...(hasAlpha ? [["premultiply"]] : []),
        ["resize", `${across}`, "--vscale", `${down}`, "--kernel", "lanczos3"],
        ...(hasAlpha ? [["unpremultiply"]] : []),
        ["round", "rint"],
        ["cast", "uchar"],
      ]);
    },
    toSrgb: (file, srgbProfile) =>
      chain(file, [
        ["autorot"],
        [
          ...["icc_transform", srgbProfile, "--embedded"],
          ...["--intent", "relative", "--black-point-compensation"],
        ],
        ["extract_band", "0", "--n", "3"],
      ]),
    async convert(file, to) {
      await vips("copy", file, to.endsWith(".jpg") ? `${to}[Q=95]` : to);
    },
    async assignProfile(file, { profile, to }) {
      await vips("pngsave", file, to, "--profile", profile);
    },
  };
}

async function run(program: string, args: readonly string[]): Promise<Uint8Array> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    stdin: "null",
  }).output();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${decode(stderr)}`);
  return stdout;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
