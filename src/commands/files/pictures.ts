// Which files a command works on, and where what it makes of them goes.
import { basename, dirname, extname, join, relative } from "node:path";
import { sniffMediaType } from "../../image/formats/read_header.ts";
import { fileNameOf } from "../../serving/content_disposition.ts";
import { extensionsOf } from "../../image/formats/table.ts";
import { isUrl } from "../terminal/remote.ts";

export interface Picture {
  /** The file's path, a URL, or "-" for stdin. */
  path: string;
  /** Its path inside the folder that was named, which the output repeats; its name where a file was. */
  place: string;
  /** Whether a folder was named that holds it. */
  inFolder?: boolean;
}

/** Files and URLs as named, and in folders whatever begins like an image; names that lead nowhere are problems. */
export async function collectPictures(
  inputs: readonly string[],
): Promise<{ pictures: Picture[]; problems: string[] }> {
  const pictures: Picture[] = [];
  const problems: string[] = [];
  for (const input of inputs) {
    try {
      if (input === "-") pictures.push({ path: input, place: "stdin" });
      else if (isUrl(input)) pictures.push({ path: input, place: fileNameOf(input) });
      else if ((await Deno.stat(input)).isDirectory) pictures.push(...await picturesIn(input));
      else pictures.push({ path: input, place: basename(input) });
    } catch (error) {
      const isMissing = error instanceof Deno.errors.NotFound;
      problems.push(`${input}: ${isMissing ? "there is no such file" : (error as Error).message}`);
    }
  }
  return { pictures, problems };
}

async function picturesIn(root: string): Promise<Picture[]> {
  const found: Picture[] = [];
  const folders = [root];
  for (const folder of folders) {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    for (const { name, isDirectory, isFile } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
      const path = join(folder, name);
      if (isDirectory) folders.push(path);
      if (isFile && await beginsLikeImage(path)) {
        found.push({ path, place: relative(root, path), inFolder: true });
      }
    }
  }
  return found;
}

async function beginsLikeImage(path: string): Promise<boolean> {
  using file = await Deno.open(path);
  const start = new Uint8Array(4096);
  const length = await file.read(start) ?? 0;
  return sniffMediaType(start.subarray(0, length)) !== undefined;
}

/** The path to write to. In a folder the name is kept, with a suffix of what was made. */
export function resolveOutput(
  { place }: Picture,
  { output, isFolder, mediaType }: { output: string; isFolder: boolean; mediaType: string },
): string {
  if (output === "-" || !isFolder) return output;
  const suffixes = extensionsOf(mediaType);
  const old = extname(place);
  const isRight = suffixes.includes(old.slice(1).toLowerCase());
  return join(
    output,
    isRight ? place : `${place.slice(0, place.length - old.length)}.${suffixes[0]}`,
  );
}

/** Writes all or nothing. */
export async function writeWhole(target: string, bytes: Uint8Array): Promise<void> {
  if (target === "-") {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await Deno.stdout.write(rest));
    return;
  }
  await Deno.mkdir(dirname(target), { recursive: true });
  const unfinished = `${target}.${crypto.randomUUID().slice(0, 8)}.part`;
  try {
    await Deno.writeFile(unfinished, bytes);
    await Deno.rename(unfinished, target);
  } catch (error) {
    await Deno.remove(unfinished).catch(() => {});
    throw error;
  }
}
