// The server's pipeline on files: the same options, limits and workers, without the server.
import type { CommandSpec } from "./terminal/command_line.ts";
import type { TransformPool } from "../image/engine/pool.ts";
import { DEFAULT_ENCODING, encodingOf, type EncodingSettings } from "../image/formats/encoding.ts";
import { sniffMediaType } from "../image/formats/read_header.ts";
import { FORMATS, type OutputFormat } from "../image/formats/table.ts";
import { limitsOf } from "../image/plan/job.ts";
import { printable } from "../ops/printable.ts";
import { parseOptions, transforms } from "../options/parse.ts";
import { expandPreset, parsePresets } from "../options/preset.ts";
import type { Options } from "../options/table.ts";
import { type OperatorFonts, readFontFolder } from "../settings/font_folder.ts";
import { readPresets } from "../settings/preset_files.ts";
import type { Config } from "../settings/table.ts";
import { readOverlays } from "./files/overlays.ts";
import { currentConfig, messageOf, printProblems } from "./terminal/output.ts";
import {
  checkName,
  findOriginals,
  formatOfName,
  overwritten,
  sentence,
  withFormat,
} from "./files/output_plan.ts";
import { collectPictures, type Picture, resolveOutput, writeWhole } from "./files/pictures.ts";
import { createProgress } from "./terminal/progress.ts";
import { createInputReader } from "./terminal/remote.ts";
import { startWorkers } from "./files/workers.ts";

const LIMITS = [
  ...["maxPixels", "maxFrames", "maxTotalPixels", "maxScans"] as const,
  ...["maxOutputPixels", "maxOutputSide"] as const,
];

export const transform: CommandSpec = {
  name: "transform",
  operands: "OPTIONS INPUT…",
  summary: "Transform files as the server would",
  details: [
    "OPTIONS are those of a URL: 400x300,fit,webp, or preset:NAME; x for none. INPUT is a file, a folder,",
    "all of whose images are taken, a URL, or - for stdin. The output is a file, whose extension says",
    "the format, a folder, or - for stdout, which is also what is meant where the only input is stdin.",
    "Nothing that is read is ever written over. The limits of the server hold.",
  ],
  settings: [
    "workers",
    "scaleUp",
    "strict",
    "svg",
    "presets",
    "overlay",
    "fontDir",
    ...Object.keys(DEFAULT_ENCODING) as (keyof EncodingSettings)[],
    "transformTimeout",
    ...LIMITS,
    "maxWorkerMemory",
    "maxSourceBytes",
    "fetchTimeout",
    "userAgent",
    "caFile",
    "config",
  ],
  flags: {
    output: { short: "o", placeholder: "<path>", summary: "File, folder or - to write to" },
    quiet: { short: "q", summary: "Show no progress" },
  },
  async run({ operands: [optionText, ...inputs], flags, settings }) {
    const { config, problems } = await currentConfig(settings);
    let options: Options = {};
    try {
      options = await readOptions(optionText ?? "", config);
    } catch (error) {
      problems.push(messageOf(error));
    }
    if (optionText === undefined) {
      problems.push("transform needs options, such as 400x300,fit,webp");
    } else if (inputs.length === 0) {
      problems.push("transform needs a file, a folder, a URL, or - for stdin");
    }
    const output = flags.output ?? (inputs.length === 1 && inputs[0] === "-" ? "-" : undefined);
    if (inputs.length > 0 && output === undefined) {
      problems.push("transform needs -o: the file or folder to write to, or - for stdout");
    }
    if (problems.length === 0) {
      problems.push(...await transformAll({ config, options, inputs, output: output!, flags }));
    }
    printProblems(problems);
    return problems.length > 0 ? 1 : 0;
  },
};

/** Options as of a URL, presets in their place. */
async function readOptions(text: string, config: Config): Promise<Options> {
  const presets = parsePresets(await readPresets(config.presets, Deno.readTextFile));
  return expandPreset(parseOptions(text), presets);
}

interface Work {
  config: Config;
  options: Options;
  inputs: readonly string[];
  output: string;
  flags: Readonly<Record<string, string | undefined>>;
}

/** Does everything that can be done, and tells what could not. */
async function transformAll({ config, options, inputs, output, flags }: Work): Promise<string[]> {
  const { pictures, problems } = await collectPictures(inputs);
  const isFolder = await isFolderName(output) || pictures.length > 1 ||
    pictures.some(({ inFolder }) => inFolder);
  if (output === "-" && pictures.length > 1) {
    return [...problems, "Several images cannot all go to stdout: name a folder with -o"];
  }
  const named = isFolder ? undefined : formatOfName(output, options);
  const originals = await findOriginals(pictures);
  const spoilt = await overwritten({ pictures, output, isFolder, options }, originals);
  if (spoilt.length > 0) return [...problems, ...spoilt];
  if (isFolder && output !== "-" && pictures.length > 0) {
    await Deno.mkdir(output, { recursive: true });
  }
  const progress = createProgress(pictures.length, {
    enabled: flags.quiet !== "true" && pictures.length > 1 && Deno.stderr.isTerminal(),
    write: (text) => Deno.stderr.writeSync(new TextEncoder().encode(text)),
    width: () => terminalWidth(),
  });
  await using reader = createInputReader(config);
  let overlays: Uint8Array[];
  let fonts: OperatorFonts;
  try {
    overlays = await readOverlays(options, { config, reader });
    fonts = await readFontFolder(config.fontDir, Deno);
  } catch (error) {
    return [...problems, messageOf(error)];
  }
  await using workers = await startWorkers({
    limits: limitsOf(config),
    fonts: fonts.files,
    ...config,
    workers: Math.max(1, Math.min(config.workers, pictures.length)),
  });
  const written = new Map<string, string>();
  const notes: string[] = [];

  async function transformOne(picture: Picture): Promise<void> {
    const bytes = await reader.read(picture.path);
    const wanted = withFormat(options, { bytes, named });
    const made = await make(bytes, { config, options: wanted, overlays, pool: workers.pool });
    const target = resolveOutput(picture, { output, isFolder, mediaType: made.mediaType });
    if (!isFolder) checkName(target, made.mediaType);
    if (target !== "-") {
      const original = await originals.at(target);
      if (original) throw new Error(sentence(target, original));
      // Nothing is waited for between the look and the entry, or two of one name would both be written.
      const rival = written.get(target);
      if (rival !== undefined) throw new Error(`${target} was just made from ${rival}`);
      written.set(target, picture.path);
    }
    await writeWhole(target, made.bytes);
    if (made.isPartial) {
      notes.push(`${picture.path}: is cut short or damaged; what is there was written`);
    }
  }

  // One iterator for all, so that each picture is taken once.
  const queue = pictures.values();
  async function takeTurns(): Promise<void> {
    for (const picture of queue) {
      try {
        await transformOne(picture);
        progress.step(picture.path);
      } catch (error) {
        problems.push(`${picture.path}: ${messageOf(error)}`);
        progress.step(picture.path, "failed");
      }
    }
  }
  // Twice as many as workers, so that files are read while images are made.
  await Promise.all(Array.from({ length: 2 * config.workers }, takeTurns));
  progress.end();
  for (const note of notes) console.error(printable(note));
  return problems;
}

async function make(
  bytes: Uint8Array,
  { config, options, overlays, pool }: {
    config: Config;
    options: Options & { format?: OutputFormat };
    overlays: readonly Uint8Array[];
    pool: TransformPool;
  },
): Promise<{ bytes: Uint8Array; mediaType: string; isPartial?: boolean }> {
  const mediaType = sniffMediaType(bytes);
  if (!mediaType) throw new Error("The bytes are not an image of a known format");
  // An SVG passes through whatever is asked for but a format, as from a server.
  const isDrawn = mediaType !== FORMATS.svg.mediaType || "format" in options ||
    config.svg === "draw";
  if (!transforms(options) || !isDrawn) return { bytes, mediaType };
  const { scaleUp, strict } = config;
  return await pool.transform({
    bytes,
    ...(overlays.length > 0 && { overlays }),
    options,
    encoding: encodingOf(config),
    scaleUp,
    strict,
    limits: limitsOf(config),
  });
}

async function isFolderName(path: string): Promise<boolean> {
  if (path === "-") return false;
  if (/[/\\]$/.test(path)) return true;
  return await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
}

function terminalWidth(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}
