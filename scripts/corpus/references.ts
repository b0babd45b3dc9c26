// The programs that pictures are compared with, as far as they are installed: what each shows of a file, as a
// PNG in sRGB, upright. They are run on files that were made to break decoders: only their own way.
import { createRequire } from "node:module";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { rgbProfile, SRGB } from "../../src/image/colour/icc_profile.ts";
import { BROWSER } from "./compare.ts";
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

/** All that are installed; of sharp the folder in which npm installed it. */
export async function findReferences(
  { sharp }: { sharp: string | undefined },
): Promise<Reference[]> {
  const folder = await Deno.makeTempDir({ prefix: "imageproxy-corpus-" });
  const profile = `${folder}/srgb.icc`;
  await Deno.writeFile(profile, rgbProfile("sRGB", SRGB));
  const chromium = chromiumPath();
  const magick = await findMagick();
  const found = [
    chromium === undefined ? undefined : chromiumReference(chromium),
    sharp === undefined ? undefined : sharpReference(sharp),
    magick === undefined ? undefined : magickReference(magick, profile),
    await pillowReference(),
    ...await Promise.all([
      toolReference("djxl", ["jxl"], { magick, folder, profile }),
      toolReference("heif-convert", ["heic", "avif"], { magick, folder, profile }),
    ]),
  ].filter((reference) => reference !== undefined);
  const [first, ...rest] = found;
  if (!first) return [];
  const close = async () => {
    await first.close?.();
    await Deno.remove(folder, { recursive: true });
  };
  return [{ ...first, close }, ...rest];
}

/** Chromium draws the picture on a canvas. */
function chromiumReference(chromium: string): Reference {
  const files = new Map<string, string>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const file = files.get(new URL(request.url).pathname);
    if (!file) return new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
    return new Response(await Deno.readFile(file), { headers: { "content-type": "image/png" } });
  });
  const url = `http://127.0.0.1:${server.addr.port}/`;
  let browser: Browser | undefined;
  let count = 0;
  // One tab: whoever comes next waits.
  let turn: Promise<unknown> = Promise.resolve();

  async function draw(path: string): Promise<Uint8Array> {
    if (!browser) {
      browser = await startBrowser(chromium);
      await browser.tab.open(url);
    }
    const name = `/${++count}`;
    files.set(name, path);
    const drawn = browser.tab.evaluate<string>(`(async () => {
      const image = new Image();
      image.src = "${name}";
      await image.decode();
      const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
      canvas.getContext("2d").drawImage(image, 0, 0);
      const blob = await canvas.convertToBlob({ type: "image/png" });
      return new Uint8Array(await blob.arrayBuffer()).toBase64();
    })()`);
    // A browser that dies says nothing any more.
    const ended = new AbortController();
    const late = delay(TIMEOUT_MS, LATE, { signal: ended.signal }).catch(() => LATE);
    const answer = await Promise.race([drawn, late]).finally(() => ended.abort());
    if (answer !== LATE) return Uint8Array.fromBase64(answer);
    const dead = browser;
    browser = undefined;
    await Promise.race([dead[Symbol.asyncDispose](), delay(1000)]).catch(() => {});
    throw new Error("It took too long");
  }

  return {
    name: BROWSER,
    formats: ["jpeg", "png", "gif", "webp", "avif", "bmp", "ico"],
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
    formats: ["jpeg", "png", "gif", "webp", "avif", "heic", "tiff"],
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

/** Little CMS brings to sRGB what has a profile. */
const PILLOW = `
import io, sys
from PIL import Image, ImageCms, ImageOps
try:
    import pillow_heif
    pillow_heif.register_heif_opener()
except ImportError:
    pass
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

/** The Python that PYTHON names, or the first on PATH, where that has Pillow. */
async function pillowReference(): Promise<Reference | undefined> {
  const python = Deno.env.get("PYTHON") ?? await findCommand("python3");
  if (python === undefined) return undefined;
  try {
    await run(python, ["-c", "import PIL"]);
  } catch {
    return undefined;
  }
  return {
    name: "Pillow",
    formats: ["jpeg", "png", "gif", "webp", "avif", "heic", "tiff", "bmp", "ico"],
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
