// Draws sheets that show every option on a photo, on a picture with transparency and on an animation,
// to be looked at: docs/pictures/sheet-*.jpg. Takes the folder of pictures, ../shared/images unless told.
import * as engine from "@imagemagick/magick-wasm";
import { engineModule } from "../src/image/engine/engine_module.js";
import type { TransformedImage, TransformJob } from "../src/image/plan/job.ts";
import { createTransformer } from "../src/image/transform.ts";
import { overlaysIn } from "../src/options/overlay.ts";
import { parseOptions } from "../src/options/parse.ts";
import { place } from "../src/paint/place.ts";
import { type Raster, underlay, WHITE } from "../src/paint/raster.ts";
import { write } from "./lettering.ts";

/** A photo, a picture that is transparent around a smooth edge, and an animation. */
const PICTURES = [
  ["photo-2725x2225.jpg"],
  ["orientation-6.jpg", "240x180,circle,png"],
  ["animated-40-frames-480x300.gif", "240x"],
] as const;
const SHOWN_FRAMES = 3;
const TILE = { width: 132, height: 116 };
const LABEL_HEIGHT = 16;
const COLUMNS = 2;

const SHEETS: Record<string, readonly string[]> = {
  shapes: [
    "120x",
    "x60",
    "90",
    "120x90,fit",
    "cx0.25,cy0.25,cw0.5,ch0.5,120x",
    "60x90,sc",
    "60x90,focus:0:0",
    "60x90,focus:0.8:0.5",
    "60x90,gravity:w",
    "60x90,gravity:e",
    "120x40,gravity:n",
    "120x40,gravity:se",
    "120x,ar:16:9",
    "x60,ar:1:1",
    "120x,fit,min:x100",
    "120x90,pad",
    "120x60,pad,bg:gold",
    "120x60,pad,gravity:e,bg:08f8",
    "90,ar:1:1,pad,bg:tomato,radius:20",
    "60x60,fit:outside",
    "60x90,fit:stretch",
    "60x90,fit:turned",
    "120x,zoom:0.5",
    "crop:0.5x0.5:se,120x",
    "60x90,gravity:w:10:0",
    "120x,cut:20:20:60:40",
    "80x,padding:10:20,bg:gold",
    "60x45,dpr:2,border:3:red",
    "60x45,border:3:red",
    "trim,100x",
    "trim:60,100x",
    "90x60,r90",
    "90x60,r180",
    "90x60,fh",
    "90x60,fv",
    "90x60,rotate:20",
    "90x60,rotate:20,fh,bg:gold",
    "90x60,rotate:-70",
  ],
  effects: [
    "120x90",
    "120x90,normalize",
    "120x90,brightness:30",
    "120x90,brightness:-30",
    "120x90,contrast:50",
    "120x90,contrast:-50",
    "120x90,gamma:2",
    "120x90,gamma:0.5",
    "120x90,saturation:80",
    "120x90,saturation:-60",
    "120x90,hue:90",
    "120x90,hue:-30",
    "120x90,gray",
    "120x90,sepia",
    "120x90,tint:steelblue",
    "120x90,tint:ff000080",
    "120x90,invert",
    "120x90,sharpen:1",
    "120x90,sharpen:4",
    "120x90,blur:1.5",
    "120x90,blur:6",
    "120x90,pixelate:10",
    "120x90,bg:khaki",
    "120x90,border:6",
    "120x90,border:10:ffffff80,radius:24",
    "120x90,radius:16",
    "120x90,radius:0.5,bg:gold",
    "120x90,circle,border:4:gold",
    "120x90,blur:3,radius:30,gray",
    "90,circle,bg:tomato,png",
  ],
  over: [
    "120x90,overlay:badge:se:4:4:0.3",
    "120x90,overlay:badge:nw:4:4:40",
    "120x90,overlay:badge:c:0:0:0.6:0.5",
    "120x90,overlay:badge:e:-0.1:0:0.5",
    "120x90,overlay:badge:tile:0:0:30:0.5",
    "120x90,overlay:badge:tile:0.1:0.1:20",
    "60x45,dpr:2,overlay:badge:ne:4:4:20",
    "120x90,gray,overlay:badge:s:0:4:0.3",
    "120x90,overlay:badge:se:0:0:0.4,radius:24,border:4:gold",
    "90x60,padding:14,bg:gold,overlay:badge:ne:0:0:0.3",
    "90x60,r90,overlay:badge:sw:2:2:0.4",
    "120x90,overlay:badge:w:4:0:0.3,overlay2:square:e:4:0:0.3",
    "120x90,overlay:square:c:0:0:0.7:0.6,overlay2:badge:c:0:0:0.4",
    "120x90,bg:khaki,overlay:badge:n:0:4:0.3,jpeg",
  ],
};

const [folder = "../shared/images"] = Deno.args;
await engine.initializeImageMagick(engineModule);
const transformer = createTransformer(engine);
const originals = await Promise.all(PICTURES.map(async ([name, prepared]) => {
  const bytes = Deno.readFileSync(`${folder}/${name}`);
  return prepared ? (await transform(bytes, prepared)).bytes : bytes;
}));

/** What overlays show: the picture with transparency in one name, a plain square in the other. */
const OVERLAYS = { badge: originals[1]!, square: (await transform(originals[0]!, "64,png")).bytes };

for (const [name, rows] of Object.entries(SHEETS)) {
  const perColumn = Math.ceil(rows.length / COLUMNS);
  const tiles = PICTURES.length - 1 + SHOWN_FRAMES;
  const cell = { width: tiles * TILE.width + 16, height: TILE.height + LABEL_HEIGHT };
  const size = { width: COLUMNS * cell.width, height: perColumn * cell.height };
  const sheet: Raster = { data: new Uint8ClampedArray(size.width * size.height * 4), ...size };
  underlay(sheet, WHITE);
  for (const [index, text] of rows.entries()) {
    const left = Math.floor(index / perColumn) * cell.width + 8;
    const top = (index % perColumn) * cell.height;
    write(sheet, text, { x: left, y: top + 4 });
    const pictures = await Promise.all(originals.map((original) => results(original, text)));
    for (const [at, picture] of pictures.flat().entries()) {
      draw(sheet, onSquares(picture), { x: left + at * TILE.width, y: top + LABEL_HEIGHT });
    }
  }
  save(sheet, `docs/pictures/sheet-${name}.jpg`);
}

function transform(bytes: Uint8Array, text: string): Promise<TransformedImage> {
  const options = parseOptions(text) as TransformJob["options"];
  const limits = { maxPixels: 1e8, maxFrames: 100, maxTotalPixels: 1e8, maxOutputPixels: 1e8 };
  const overlays = overlaysIn(options).map(({ overlay }) =>
    OVERLAYS[overlay.picture as keyof typeof OVERLAYS]
  );
  return transformer.transform({ bytes, overlays, options, scaleUp: false, limits });
}

/** What the options make of the picture: its frame, or the first, a middle and the last one. */
async function results(bytes: Uint8Array, text: string): Promise<Raster[]> {
  const image = await transform(bytes, text);
  const settings = new engine.MagickReadSettings();
  return engine.ImageMagick.readCollection(image.bytes, settings, (frames) => {
    // Else what the first frame leaves free would come out black.
    for (const frame of frames) if (!frame.hasAlpha) frame.hasAlpha = true;
    if (frames.length > 1) frames.coalesce();
    const last = frames.length - 1;
    const shown = [...new Set([0, Math.round(last / 2), last])];
    return shown.map((index) => {
      const { width, height } = frames[index]!;
      const data = frames[index]!.getPixels((pixels) =>
        pixels.toByteArray(0, 0, width, height, "RGBA")
      )!;
      return { data: new Uint8ClampedArray(data), width, height };
    });
  });
}

/** Lays the squares beneath it that stand for transparency. */
function onSquares(picture: Raster): Raster {
  const { width, height } = picture;
  const shown = place(picture, { width, height, x: 0, y: 0 });
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const level = ((x >> 3) + (y >> 3)) % 2 ? 205 : 235;
      const at = (y * width + x) * 4;
      underlay({ data: shown.data.subarray(at, at + 4), width: 1, height: 1 }, [
        level,
        level,
        level,
        255,
      ]);
    }
  }
  return shown;
}

function draw(sheet: Raster, picture: Raster, { x, y }: { x: number; y: number }): void {
  for (let row = 0; row < Math.min(picture.height, TILE.height - 4); row++) {
    const visible = Math.min(picture.width, TILE.width - 4);
    const from = row * picture.width * 4;
    sheet.data.set(
      picture.data.subarray(from, from + visible * 4),
      ((y + row) * sheet.width + x) * 4,
    );
  }
}

function save(sheet: Raster, path: string): void {
  const { width, height } = sheet;
  const settings = new engine.MagickReadSettings({ format: "RGBA", width, height, depth: 8 });
  engine.ImageMagick.read(new Uint8Array(sheet.data.buffer), settings, (image) => {
    image.hasAlpha = false;
    image.quality = 65;
    image.write("JPEG", (bytes) => {
      Deno.mkdirSync("docs/pictures", { recursive: true });
      Deno.writeFileSync(path, bytes);
      console.log(`${path}: ${width}x${height}, ${bytes.length} bytes`);
    });
  });
}
