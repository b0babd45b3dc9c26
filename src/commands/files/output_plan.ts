// Where the results of a command go, decided before the first of them is written: in the format of their
// names, and over none of what they are made from.
import { basename, dirname, extname, join, resolve, sep } from "node:path";
import { outputFormat } from "../../image/plan/output_format.ts";
import { DEFAULT_ENCODING } from "../../image/formats/encoding.ts";
import { readHeader, sniffMediaType } from "../../image/formats/read_header.ts";
import {
  extensionsOf,
  FORMAT_NAMES,
  formatOf,
  FORMATS,
  goesBy,
  OUTPUT_FORMATS,
  type OutputFormat,
} from "../../image/formats/table.ts";
import { transforms } from "../../options/parse.ts";
import type { Options } from "../../options/table.ts";
import { type Picture, resolveOutput } from "./pictures.ts";
import { isUrl } from "../terminal/remote.ts";

/**
 * The format that a file's name asks for; undefined where its extension is that of no image. Throws one
 * sentence where that cannot be written, or the options say another.
 */
export function formatOfName(path: string, { format }: Options): OutputFormat | undefined {
  const extension = extname(path).slice(1).toLowerCase();
  const name = FORMAT_NAMES.find((each) =>
    (formatOf(each).extensions as readonly string[]).includes(extension)
  );
  if (name === undefined) return undefined;
  const written = OUTPUT_FORMATS.find((each) => each === name);
  if (format !== undefined && format !== "auto" && format !== written) {
    throw new Error(`The options say ${format}, but the output's name says ${name}: ${path}`);
  }
  return written;
}

/** What makes of these bytes the format that is wanted: nothing at all where it is their own. */
export function withFormat(
  options: Options,
  { bytes, named }: { bytes: Uint8Array; named: OutputFormat | undefined },
): Options & { format?: OutputFormat } {
  // Without a client there is nothing to negotiate: auto keeps the format.
  const { format, ...others } = options;
  const said = named ?? (format === "auto" ? undefined : format);
  const own = sniffMediaType(bytes);
  const isOwn = said !== undefined && format !== said && own !== undefined &&
    goesBy(own, FORMATS[said].mediaType);
  // The name of a PNG may be that of one that moves.
  const stays = isOwn && (!transforms(others) || own !== FORMATS[said].mediaType);
  return said === undefined || stays ? others : { ...others, format: said };
}

/** Refuses to give a file the name of another format. */
export function checkName(path: string, mediaType: string): void {
  const extension = extname(path).slice(1).toLowerCase();
  const isImage = FORMAT_NAMES.some((name) =>
    (formatOf(name).extensions as readonly string[]).includes(extension)
  );
  const right = extensionsOf(mediaType);
  if (isImage && right.length > 0 && !right.includes(extension)) {
    throw new Error(
      `What is made is ${mediaType}: name the output .${right[0]}, not .${extension}`,
    );
  }
}

export interface OutputFolder {
  pictures: readonly Picture[];
  output: string;
  isFolder: boolean;
  options: Options;
}

/** What is read, by its real path, and a test for paths that lead there. */
export interface Originals {
  /** The original that lies at a path to write to, whichever way it leads there. */
  at(path: string): Promise<Picture | undefined>;
}

export async function findOriginals(pictures: readonly Picture[]): Promise<Originals> {
  const byPath = new Map<string, Picture>();
  for (const picture of pictures) {
    if (picture.path === "-" || isUrl(picture.path)) continue;
    byPath.set(await Deno.realPath(picture.path), picture);
  }
  return { at: async (path) => byPath.get(await realPath(path)) };
}

/** One sentence for each original that would be written over. */
export async function overwritten(
  { pictures, output, isFolder, options }: OutputFolder,
  originals: Originals,
): Promise<string[]> {
  if (output === "-") return [];
  const folder = await realPath(output);
  const problems: string[] = [];
  for (const picture of pictures) {
    const target = isFolder ? await targetIn(folder, { picture, output, options }) : output;
    const original = target === undefined ? undefined : await originals.at(target);
    if (original) problems.push(sentence(target!, original));
  }
  return problems;
}

/** The refusal to write over an original. */
export function sentence(target: string, original: Picture): string {
  return `${target} would overwrite the original ${original.path}: name another file or folder`;
}

/**
 * The path of a picture's result in a folder. Undefined where only its bytes would tell, and it cannot be an
 * original: nothing that is read lies in the folder.
 */
async function targetIn(
  folder: string,
  { picture, output, options }: { picture: Picture; output: string; options: Options },
): Promise<string | undefined> {
  const { format } = options;
  if (format !== undefined && format !== "auto") {
    const { mediaType } = FORMATS[format];
    return resolveOutput(picture, { output, isFolder: true, mediaType });
  }
  if (picture.path === "-" || isUrl(picture.path)) return undefined;
  if (!(await Deno.realPath(picture.path)).startsWith(folder + sep)) return undefined;
  const mediaType = mediaTypeAfter(await Deno.readFile(picture.path), options);
  return mediaType && resolveOutput(picture, { output, isFolder: true, mediaType });
}

/** What the server would make of an original where the options name no format; undefined for no picture. */
function mediaTypeAfter(bytes: Uint8Array, options: Options): string | undefined {
  const own = sniffMediaType(bytes);
  const { format: _auto, ...others } = options;
  const header = readHeader(bytes);
  if (!header || !transforms(others) || own === FORMATS.svg.mediaType) return own;
  const made = outputFormat(header, {
    moving: header.animated,
    result: { width: 0, height: 0 },
    encoding: DEFAULT_ENCODING,
  });
  return FORMATS[made].mediaType;
}

/** The real path of a file that may be yet to come. */
async function realPath(path: string): Promise<string> {
  const found = await Deno.realPath(path).catch(() => undefined);
  if (found !== undefined) return found;
  const folder = dirname(resolve(path));
  return folder === resolve(path) ? folder : join(await realPath(folder), basename(path));
}
