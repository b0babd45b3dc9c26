// Runs a folder of images, with all folders in it, through the pipeline and compares each with what other
// programs show: `deno task corpus FOLDER [REPORT]`. Into the folder REPORT (corpus-report unless told) go a
// table (report.md), sheets of the outliers side by side, and what was found, so that the next run tells what
// is new; what the others showed is remembered there too. The table is written again and again on the way, and a
// run that was ended goes on where it was. With --outliers only what came out wrong in the last run is tried
// again. The programs are those that are installed: Chromium, ImageMagick, Pillow (PYTHON names its Python; with
// pillow-heif and pillow-jxl-plugin it reads more), djxl, avifdec, heif-convert, and sharp in the folder that
// --sharp=FOLDER names, where npm installed it.
import * as engine from "@imagemagick/magick-wasm";
import { startWorkers } from "../src/commands/files/workers.ts";
import { engineModule } from "../src/image/engine/engine_module.js";
import { createPngDecoder } from "../src/image/formats/png/decode_png.ts";
import { readHeader, sniffMediaType } from "../src/image/formats/read_header.ts";
import { FORMAT_NAMES, type FormatName, formatOf } from "../src/image/formats/table.ts";
import { turnSize, uprightFrom } from "../src/image/pixels/dihedral.ts";
import { fitInside, type Size } from "../src/image/pixels/geometry.ts";
import type { PixelBuffer } from "../src/image/pixels/pixel_buffer.ts";
import { createResampler } from "../src/image/pixels/resample.ts";
import type { TransformJob } from "../src/image/plan/job.ts";
import { parseOptions } from "../src/options/parse.ts";
import type { Raster } from "../src/paint/raster.ts";
import { type Answer, judge, type Judgement, type Shown, SIDE } from "./corpus/compare.ts";
import { findReferences, type Reference } from "./corpus/references.ts";
import { remember } from "./corpus/remembered.ts";
import { type Finding, isOutlier, reportOf } from "./corpus/report.ts";
import { type Found, goOn } from "./corpus/running.ts";
import { drawSheet } from "./corpus/sheet.ts";

const flags = Deno.args.filter((argument) => argument.startsWith("--"));
const [folder, report = "corpus-report"] = Deno.args.filter((arg) => !arg.startsWith("--"));
if (folder === undefined) {
  console.error("corpus FOLDER [REPORT] [--sharp=FOLDER] [--outliers]");
  Deno.exit(2);
}
const sharp = flags.find((flag) => flag.startsWith("--sharp="))?.slice("--sharp=".length);

/** Pictures of a file together in memory; references that take long keep the others from waiting. */
const AT_ONCE = 4;
const ROWS_PER_SHEET = 40;
/** Files after which the table is written again. */
const AT_A_TIME = 50;
const LIMITS = {
  maxPixels: 2e8,
  maxFrames: 2000,
  maxTotalPixels: 4e8,
  maxScans: 500,
  maxOutputPixels: 2e8,
};

await engine.initializeImageMagick(engineModule);
const { present: references, absent } = await findReferences({ sharp });
console.log(`Compared with: ${references.map(({ name }) => name).join(", ") || "nothing"}`);
for (const needs of absent) console.warn(`NOT COMPARED WITH ${needs}: it is not there`);
await using workers = await startWorkers({ workers: 2, limits: LIMITS });
await Deno.mkdir(report, { recursive: true });
const remembered = await remember(`${report}/references.jsonl`);
const decoder = createPngDecoder();
const resampler = createResampler();

const last = await readLast(`${report}/found.json`);
const files = await filesIn(folder);
const unfinished = `${report}/running.jsonl`;
const running = await goOn(unfinished);
if (flags.includes("--outliers")) {
  for (const finding of last ?? []) {
    if (!isOutlier(finding) && !running.found.has(finding.file)) await running.add({ finding });
  }
}
const queue = files.filter((path) => !running.found.has(nameOf(path))).values();
if (running.found.size > 0) {
  console.log(
    `${running.found.size} of ${files.length} are known (to begin anew remove ${unfinished})`,
  );
}
await Promise.all(Array.from({ length: AT_ONCE }, async () => {
  // One iterator for all, so that each file is taken once.
  for (const path of queue) {
    await running.add(await compare(path));
    if (running.found.size % AT_A_TIME === 0) {
      console.log(`${running.found.size} of ${files.length}`);
      await writeReport();
    }
  }
}));
for (const { close } of references) await close?.();

const text = await writeReport();
const found = [...running.found.values()];
await Deno.writeTextFile(
  `${report}/found.json`,
  JSON.stringify(found.map(({ finding }) => finding)),
);
const outliers = inOrder(found).filter(({ finding }) => isOutlier(finding));
for (let from = 0, sheet = 1; from < outliers.length; from += ROWS_PER_SHEET, sheet++) {
  const rows = outliers.slice(from, from + ROWS_PER_SHEET).map(({ finding, answers = {} }) => ({
    title: finding.file,
    pictures: Object.entries(answers),
  }));
  await Deno.writeFile(`${report}/outliers-${sheet}.png`, drawSheet(rows));
}
await Deno.remove(unfinished).catch(() => {});
console.log(text.slice(0, text.indexOf("\n## Outliers")));

/** The table of what is known by now. */
async function writeReport(): Promise<string> {
  const findings = inOrder([...running.found.values()]).map(({ finding }) => finding);
  const text = reportOf(findings, { last, references, absent, files: files.length });
  await Deno.writeTextFile(`${report}/report.md`, text);
  return text;
}

function inOrder(found: readonly Found[]): Found[] {
  return found.toSorted((a, b) => a.finding.file < b.finding.file ? -1 : 1);
}

function nameOf(path: string): string {
  return path.slice(folder!.length + 1);
}

async function filesIn(folder: string): Promise<string[]> {
  const extensions = FORMAT_NAMES.filter((name) => formatOf(name).decoding)
    .flatMap((name) => formatOf(name).extensions as readonly string[]);
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) paths.push(...await filesIn(`${folder}/${name}`));
    else if (extensions.some((end) => name.toLowerCase().endsWith(`.${end}`))) {
      paths.push(`${folder}/${name}`);
    }
  }
  return paths.sort();
}

async function compare(path: string): Promise<Found> {
  const bytes = await Deno.readFile(path);
  const format = formatIn(bytes);
  const ours = await answerOf(() => ourPicture(bytes));
  const able = references.filter(({ formats }) => format === undefined || formats.includes(format));
  const theirs = await Promise.all(able.map(async (reference) =>
    [
      reference.name,
      format === undefined ? "unknown" : await remembered.answer(
        { bytes, reference: reference.name },
        () => answerOf(() => theirPicture(reference, { path, format })),
      ),
    ] as const
  ));
  const judgement: Judgement = judge(ours, Object.fromEntries(theirs));
  const finding: Finding = {
    file: nameOf(path),
    format: format ?? "unknown",
    ...judgement,
    ours: typeof ours === "string" ? ours : `${ours.width}x${ours.height}`,
    shownBy: theirs.filter(([, answer]) => typeof answer !== "string").map(([name]) => name),
  };
  return { finding, answers: { ours, ...Object.fromEntries(theirs) } };
}

function formatIn(bytes: Uint8Array): FormatName | undefined {
  const mediaType = sniffMediaType(bytes);
  return FORMAT_NAMES.find((name) => formatOf(name).mediaType === mediaType);
}

async function answerOf(show: () => Promise<Shown>): Promise<Answer> {
  try {
    return await show();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The picture as a URL without options shows it, small. */
async function ourPicture(bytes: Uint8Array): Promise<Shown> {
  const header = readHeader(bytes);
  if (!header) throw new Error("The bytes are not an image of a known format");
  const size = turnSize(header, uprightFrom(header.orientation));
  const options = parseOptions(`${SIDE}x${SIDE},fit,png`) as TransformJob["options"];
  const job = { bytes, options, scaleUp: false, limits: LIMITS };
  const { bytes: png } = await workers.pool.transform(job);
  return { ...size, small: rasterOf((await decoder.decode(png)).pixels) };
}

async function theirPicture(
  reference: Reference,
  file: { path: string; format: FormatName },
): Promise<Shown> {
  const { pixels } = await decoder.decode(await reference.show(file));
  const { width, height } = pixels;
  const target = smallSize({ width, height });
  const isSmall = target.width === width && target.height === height;
  const data = isSmall ? pixels.data : resampler.resample(pixels, { target }).slice();
  return { width, height, small: rasterOf({ ...pixels, data, ...target }) };
}

/** As the pipeline shrinks: nothing is enlarged. */
function smallSize(size: Size): Size {
  const side = Math.min(SIDE, Math.max(size.width, size.height));
  return fitInside(size, { width: side, height: side });
}

function rasterOf({ data, width, height, channels, hasAlpha }: PixelBuffer): Raster {
  const rgba = new Uint8ClampedArray(width * height * 4);
  const colours = hasAlpha ? channels - 1 : channels;
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      rgba[pixel * 4 + channel] = data[pixel * channels + (colours === 1 ? 0 : channel)]!;
    }
    rgba[pixel * 4 + 3] = hasAlpha ? data[pixel * channels + colours]! : 255;
  }
  return { data: rgba, width, height };
}

async function readLast(path: string): Promise<Finding[] | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch {
    return undefined;
  }
}
