// Sheets that show every option on a photo, on a picture with transparency and on an animation, each with
// the option as it is written.
import * as engine from "@imagemagick/magick-wasm";
import { readHeader } from "../src/image/formats/read_header.ts";
import { place } from "../src/paint/place.ts";
import { type Raster, underlay, WHITE } from "../src/paint/raster.ts";
import { write } from "./lettering.ts";

const SHOWN_FRAMES = 3;
const TILE = { width: 132, height: 116 };
const LABEL_HEIGHT = 20;
/** How wide one is in a label. */
const LETTER = 12;
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
    "120x90,overlay:sign:se:4:4:0.5",
    "120x90,overlay:sign:c:0:0:0.9:0.8,border:4:gold",
    // Sale
    "120x90,text:U2FsZQ:c:0:0:0.4:red",
    // © J. Doe, 2026
    "120x90,text:wqkgSi4gRG9lLCAyMDI2:se:4:2:11:white",
    // Привет, Κόσμε!
    "120x90,text:0J_RgNC40LLQtdGCLCDOms-Mz4POvM61IQ:n:0:4:0.2:gold",
    // שלום עולם, in two lines
    "120x90,text:16nXnNeV150g16LXldec150:ne:4:4:0.3:navy",
    // مرحبا بالعالم
    "120x90,text:2YXYsdit2KjYpyDYqNin2YTYudin2YTZhQ:s:0:0:0.25:white",
    "120x90,text:U2FsZQ:tile:6:2:14:ffffff80",
    "60x45,dpr:2,text:U2FsZQ:w:4:0:0.5:aqua,radius:12",
  ],
  formats: [
    "120x90,jpeg",
    "120x90,png",
    "120x90,apng",
    "120x90,gif",
    "120x90,webp",
    "120x90,avif",
    "120x90,jxl",
    "120x90,tiff",
    "120x90,q10,jpeg",
    "120x90,q10,webp",
    "120x90,apng,radius:24,loop:2",
    "120x90,frame:0",
  ],
};

/** What the options of a text make of a picture's bytes. */
export type Make = (bytes: Uint8Array, text: string) => Promise<Uint8Array>;

/** The sheets as JPEGs by their names. The engine must have been started. */
export async function pictureSheets(
  originals: readonly Uint8Array[],
  make: Make,
): Promise<Map<string, Uint8Array>> {
  const sheets = new Map<string, Uint8Array>();
  for (const [name, rows] of Object.entries(SHEETS)) {
    sheets.set(`sheet-${name}.jpg`, encode(await drawSheet(rows, { originals, make })));
  }
  return sheets;
}

async function drawSheet(
  rows: readonly string[],
  { originals, make }: { originals: readonly Uint8Array[]; make: Make },
): Promise<Raster> {
  const perColumn = Math.ceil(rows.length / COLUMNS);
  const tiles = originals.length - 1 + SHOWN_FRAMES;
  const cell = { width: tiles * TILE.width + 16, height: TILE.height + LABEL_HEIGHT };
  const size = { width: COLUMNS * cell.width, height: perColumn * cell.height };
  const sheet: Raster = { data: new Uint8ClampedArray(size.width * size.height * 4), ...size };
  underlay(sheet, WHITE);
  for (const [index, text] of rows.entries()) {
    const left = Math.floor(index / perColumn) * cell.width + 8;
    const top = (index % perColumn) * cell.height;
    const dot = text.length * LETTER > cell.width ? 1 : 2;
    write(sheet, text, { x: left, y: top + 2, dot });
    // One by one: a transformer is at one picture at a time.
    const shown: Raster[] = [];
    for (const original of originals) {
      shown.push(...await shownFrames(await make(original, text), make));
    }
    for (const [at, picture] of shown.entries()) {
      draw(sheet, onSquares(picture), { x: left + at * TILE.width, y: top + LABEL_HEIGHT });
    }
  }
  return sheet;
}

/** The frame of a picture, or the first, a middle and the last one. */
async function shownFrames(bytes: Uint8Array, make: Make): Promise<Raster[]> {
  const { animated, frames } = readHeader(bytes)!;
  const last = animated ? frames - 1 : 0;
  const shown: Raster[] = [];
  for (const frame of new Set([0, Math.round(last / 2), last])) {
    shown.push(read(await make(bytes, `frame:${frame},png`)));
  }
  return shown;
}

/** The pixels of a PNG. */
function read(bytes: Uint8Array): Raster {
  return engine.ImageMagick.read(bytes, new engine.MagickReadSettings(), (image) => {
    const { width, height } = image;
    const data = image.getPixels((pixels) => pixels.toByteArray(0, 0, width, height, "RGBA"))!;
    return { data: new Uint8ClampedArray(data), width, height };
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

function encode(sheet: Raster): Uint8Array {
  const { width, height } = sheet;
  const settings = new engine.MagickReadSettings({ format: "RGBA", width, height, depth: 8 });
  return engine.ImageMagick.read(new Uint8Array(sheet.data.buffer), settings, (image) => {
    image.hasAlpha = false;
    image.quality = 65;
    return image.write("JPEG", (bytes) => bytes.slice());
  });
}
