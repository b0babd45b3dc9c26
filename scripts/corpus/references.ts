// The programs that pictures are compared with, as far as they are installed: what each shows of a file, as a
// PNG in sRGB, upright. They are run on files that were made to break decoders: only their own way.
import { createRequire } from "node:module";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { rgbProfile, SRGB } from "../../src/image/colour/icc_profile.ts";
import { BROWSER } from "./compare.ts";
import { sniffMediaType } from "../../src/image/formats/read_header.ts";
import type { FormatName } from "../../src/image/formats/table.ts";
import { type Browser, chromiumPath, startBrowser } from "../../tests/testing/browser.ts";
import { findCommand } from "../../tests/testing/command.ts";
import { findMagick } from "../../tests/testing/native_tools.ts";

export interface Reference {
  name: string;
  /** The formats that it reads at all. */
  formats: readonly FormatName[];
  /** The PNG that it makes of a file; rejects where it refuses. */
  show(file: { path: string; format: FormatName }): Promise<Uint8Array>;
  close?(): Promise<void>;
}

const TIMEOUT_MS = 60_000;
const LATE = "late";

export interface References {
  present: readonly Reference[];
  /** Those that are not installed, each with what it needs. */
  absent: readonly string[];
}

/** All that are known; of sharp the folder in which npm installed it. */
export async function findReferences(
  { sharp }: { sharp: string | undefined },
): Promise<References> {
  const folder = await Deno.makeTempDir({ prefix: "imageproxy-corpus-" });
  const profile = `${folder}/srgb.icc`;
  await Deno.writeFile(profile, rgbProfile("sRGB", SRGB));
  const chromium = chromiumPath();
  const magick = await findMagick();
  const tool = (name: string, formats: readonly FormatName[]) =>
    toolReference(name, formats, { magick, folder, profile });
  const candidates: readonly (readonly [needs: string, found: Reference | "" | undefined])[] = [
    ["Chromium (on PATH, or CHROMIUM)", chromium && chromiumReference(chromium)],
    ["sharp (--sharp=FOLDER where npm installed it)", sharp && sharpReference(sharp)],
    ["ImageMagick (on PATH)", magick && magickReference(magick, profile)],
    ["Pillow (python3 on PATH, or PYTHON)", await pillowReference()],
    ["djxl (on PATH, with ImageMagick)", await tool("djxl", ["jxl"])],
    ["avifdec (on PATH, with ImageMagick)", await tool("avifdec", ["avif"])],
    ["heif-convert (on PATH, with ImageMagick)", await tool("heif-convert", ["heic", "avif"])],
  ];
  const absent = candidates.flatMap(([needs, found]) => found ? [] : [needs]);
  const [first, ...rest] = candidates.flatMap(([, found]) => found || []);
  if (!first) return { present: [], absent };
  const close = async () => {
    await first.close?.();
    await Deno.remove(folder, { recursive: true });
  };
  return { present: [{ ...first, close }, ...rest], absent };
}

/** Chromium draws the picture on a canvas. */
function chromiumReference(chromium: string): Reference {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const file = files.get(new URL(request.url).pathname);
    if (!file) return new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
    // It goes by the bytes, except that it wants to be told of some formats.
    const mediaType = sniffMediaType(file) ?? "image/png";
    return new Response(file, { headers: { "content-type": mediaType } });
  });
  const url = `http://127.0.0.1:${server.addr.port}/`;
  let browser: Browser | undefined;
  let count = 0;
  // One tab: whoever comes next waits.
  let turn: Promise<unknown> = Promise.resolve();

  async function drawIn({ tab }: Browser, path: string): Promise<string> {
    const name = `/${++count}`;
    files.clear();
    files.set(name, await Deno.readFile(path));
    return await tab.evaluate<string>(`(async () => {
      const image = new Image();
      image.src = "${name}";
      await image.decode();
      const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
      canvas.getContext("2d").drawImage(image, 0, 0);
      const blob = await canvas.convertToBlob({ type: "image/png" });
      return new Uint8Array(await blob.arrayBuffer()).toBase64();
    })()`);
  }

  async function draw(path: string): Promise<Uint8Array> {
    if (!browser) {
      browser = await startBrowser(chromium, { features: ["JXLImageFormat"] });
      await browser.tab.open(url);
    }
    const drawn = drawIn(browser, path);
    // A browser that dies says nothing any more.
    const ended = new AbortController();
    const late = delay(TIMEOUT_MS, LATE, { signal: ended.signal }).catch(() => LATE);
    const answer = await Promise.race([drawn, late]).finally(() => ended.abort());
    if (answer !== LATE) return Uint8Array.fromBase64(answer);
    const dead = browser;
    browser = undefined;
    await dead[Symbol.asyncDispose]();
    throw new Error("It took too long");
  }

  return {
    name: BROWSER,
    formats: ["jpeg", "png", "apng", "gif", "webp", "avif", "jxl", "bmp", "ico"],
    show({ path }) {
      const drawn = turn.then(() => draw(path));
      turn = drawn.catch(() => {});
      return drawn;
    },
    async close() {
      await browser?.[Symbol.asyncDispose]();
      await server.shutdown();
    },
  };
}

function sharpReference(folder: string): Reference | undefined {
  const sharp = createRequire(pathToFileURL(`${folder}/`))("sharp");
  return {
    name: "sharp",
    formats: ["jpeg", "png", "apng", "gif", "webp", "avif", "heic", "tiff"],
    show: ({ path }) =>
      sharp(path, { failOn: "none", limitInputPixels: 2e8 }).autoOrient().toColourspace("srgb")
        .png().toBuffer(),
  };
}

function magickReference(magick: string, profile: string): Reference {
  return {
    name: "ImageMagick",
    // Of an icon it shows all pictures.
    formats: ["jpeg", "png", "gif", "webp", "avif", "heic", "tiff", "bmp"],
    async show({ path, format }) {
      return await run(magick, [
        ...[`${format}:${path}[0]`, "-auto-orient", "-profile", profile, "-colorspace", "sRGB"],
        ...["-depth", "8", "-strip", "png32:-"],
      ]);
    },
  };
}

const PILLOW_PLUGINS = `
from PIL import Image
able = ["jpeg", "png", "apng", "gif", "webp", "tiff", "bmp", "ico"]
try:
    from PIL import _avif
    able.append("avif")
except ImportError:
    pass
try:
    import pillow_heif
    pillow_heif.register_heif_opener()
    able.append("heic")
except ImportError:
    pass
try:
    import pillow_jxl
    able.append("jxl")
except ImportError:
    pass
`;

/** Little CMS brings to sRGB what has a profile. */
const PILLOW = `
import io, sys
from PIL import ImageCms, ImageOps
${PILLOW_PLUGINS}
Image.MAX_IMAGE_PIXELS = None
image = Image.open(sys.argv[1])
image.load()
icc = image.info.get("icc_profile")
if image.format not in ("HEIF", "AVIF"):
    image = ImageOps.exif_transpose(image)
if image.mode.startswith("I"):
    image = image.point(lambda level: level / 257).convert("L")
if image.mode not in ("RGB", "RGBA", "CMYK", "L"):
    image = image.convert("RGBA")
if icc:
    try:
        image = ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(io.BytesIO(icc)), ImageCms.createProfile("sRGB"),
            outputMode="RGBA" if image.mode == "RGBA" else "RGB")
    except Exception:
        pass
out = io.BytesIO()
image.convert("RGBA").save(out, "PNG", icc_profile=None)
sys.stdout.buffer.write(out.getvalue())
`;

/** The Python that PYTHON names, or the first on PATH, where that has Pillow; what it reads depends on its plugins. */
async function pillowReference(): Promise<Reference | undefined> {
  const python = Deno.env.get("PYTHON") ?? await findCommand("python3");
  if (python === undefined) return undefined;
  let formats: FormatName[];
  try {
    const able = await run(python, ["-c", `${PILLOW_PLUGINS}print(",".join(able))`]);
    formats = new TextDecoder().decode(able).trim().split(",") as FormatName[];
  } catch {
    return undefined;
  }
  return {
    name: "Pillow",
    formats,
    show: ({ path }) => run(python, ["-c", PILLOW, path]),
  };
}

/** A program that writes a PNG with the file's own profile, which ImageMagick brings to sRGB. */
async function toolReference(
  name: string,
  formats: readonly FormatName[],
  { magick, folder, profile }: { magick: string | undefined; folder: string; profile: string },
): Promise<Reference | undefined> {
  const command = await findCommand(name);
  if (command === undefined || magick === undefined) return undefined;
  let count = 0;
  return {
    name,
    formats,
    async show({ path }) {
      const made = `${folder}/${name}-${++count}.png`;
      try {
        await run(command, [path, made]);
        return await run(magick, [
          ...[`png:${made}`, "-profile", profile, "-colorspace", "sRGB"],
          ...["-depth", "8", "-strip", "png32:-"],
        ]);
      } finally {
        await Deno.remove(made).catch(() => {});
      }
    },
  };
}

/** What a program writes to its output; rejects with its complaint where it fails. */
async function run(command: string, args: readonly string[]): Promise<Uint8Array> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).output();
  if (success && (stdout.length > 0 || args.length === 2)) return stdout;
  const complaint = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  throw new Error(complaint || "It failed without a word");
}
