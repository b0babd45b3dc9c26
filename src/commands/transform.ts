// The server's pipeline on files: the same options, limits and workers, without the server.
import type { CommandSpec } from "./command_line.ts";
import type { Config } from "../settings/table.ts";
import { sniffMediaType } from "../image/formats/read_header.ts";
import { FORMATS } from "../image/formats/table.ts";
import { limitsOf } from "../image/plan/job.ts";
import type { TransformPool } from "../image/engine/pool.ts";
import { parseOptions, transforms } from "../options/parse.ts";
import type { Options } from "../options/table.ts";
import { readInput } from "./input.ts";
import { currentConfig, messageOf, printProblems } from "./output.ts";
import { createProgress } from "./progress.ts";
import { collectPictures, resolveOutput, writeWhole } from "./pictures.ts";
import { startWorkers } from "./workers.ts";

export const transform: CommandSpec = {
  name: "transform",
  operands: "OPTIONS INPUT…",
  summary: "Transform files as the server would",
  details: [
    "OPTIONS are those of a URL: 400x300,fit,webp. INPUT is a file, a folder, all of whose images are",
    "taken, or - for stdin. The output is a file, a folder, or - for stdout, which is also what is",
    "meant where the only input is stdin. The limits of the server hold.",
  ],
  settings: [
    "workers",
    "scaleUp",
    "strict",
    "transformTimeout",
    "maxPixels",
    "maxFrames",
    "maxTotalPixels",
    "maxScans",
    "maxOutputPixels",
    "maxWorkerMemory",
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
      options = parseOptions(optionText ?? "");
    } catch (error) {
      problems.push(messageOf(error));
    }
    if (optionText === undefined) {
      problems.push("transform needs options, such as 400x300,fit,webp");
    } else if (inputs.length === 0) {
      problems.push("transform needs a file, a folder or - for stdin");
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
  if (isFolder && output !== "-" && pictures.length > 0) {
    await Deno.mkdir(output, { recursive: true });
  }
  const progress = createProgress(pictures.length, {
    enabled: flags.quiet !== "true" && pictures.length > 1 && Deno.stderr.isTerminal(),
    write: (text) => Deno.stderr.writeSync(new TextEncoder().encode(text)),
    width: () => terminalWidth(),
  });
  await using workers = await startWorkers({
    limits: limitsOf(config),
    ...config,
    workers: Math.max(1, Math.min(config.workers, pictures.length)),
  });
  const written = new Map<string, string>();
  const notes: string[] = [];
  const queue = pictures.values();
  async function takeTurns(): Promise<void> {
    // One iterator for all, so that each picture is taken once.
    for (const picture of queue) {
      try {
        const bytes = await readInput(picture.path);
        const made = await make(bytes, { config, options, pool: workers.pool });
        const target = resolveOutput(picture, { output, isFolder, mediaType: made.mediaType });
        const rival = written.get(target);
        if (rival !== undefined) {
          throw new Error(`${target} was just made from ${rival}`);
        }
        if (target !== "-") written.set(target, picture.path);
        await writeWhole(target, { bytes: made.bytes, source: picture });
        if (made.isPartial) {
          notes.push(`${picture.path}: is cut short or damaged; what is there was written`);
        }
      } catch (error) {
        problems.push(`${picture.path}: ${messageOf(error)}`);
      }
      progress.step(picture.path);
    }
  }
  // Twice as many as workers, so that files are read while images are made.
  await Promise.all(Array.from({ length: 2 * config.workers }, takeTurns));
  progress.end();
  for (const note of notes) console.error(note);
  return problems;
}

async function make(
  bytes: Uint8Array,
  { config, options: { format, ...options }, pool }: {
    config: Config;
    options: Options;
    pool: TransformPool;
  },
): Promise<{ bytes: Uint8Array; mediaType: string; isPartial?: boolean }> {
  const mediaType = sniffMediaType(bytes);
  if (!mediaType) throw new Error("The bytes are not an image of a known format");
  // Without a client there is nothing to negotiate: auto keeps the format.
  const wanted = format === undefined || format === "auto" ? options : { ...options, format };
  // An SVG passes through whatever is asked for, as from a server.
  const isDrawn = mediaType !== FORMATS.svg.mediaType || "format" in wanted;
  if (!transforms(wanted) || !isDrawn) return { bytes, mediaType };
  const { scaleUp, strict } = config;
  return await pool.transform({
    bytes,
    options: wanted,
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
    return Deno.consoleSize().columns;
  } catch {
    return 80;
  }
}
