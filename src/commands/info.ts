// What a picture says of itself in its header; nothing is decoded.
import type { CommandSpec } from "./terminal/command_line.ts";
import { type FileFacts, fileFacts } from "../image/formats/file_facts.ts";
import type { ImageHeader } from "../image/formats/read_header.ts";
import { printable } from "../ops/printable.ts";
import { readHeader } from "../image/formats/read_header.ts";
import { currentConfig, messageOf, printProblems } from "./terminal/output.ts";
import { createInputReader, type InputReader } from "./terminal/remote.ts";

export const info: CommandSpec = {
  name: "info",
  operands: "FILE|URL…",
  summary: "Print format, size, frames, profile and orientation of images",
  details: ["- is stdin. Nothing is decoded: all of it is read from the file's header."],
  settings: ["maxSourceBytes", "fetchTimeout", "userAgent", "caFile", "config"],
  flags: { json: { summary: "Print one JSON object per image" } },
  async run({ operands, flags, settings }) {
    const { config, problems } = await currentConfig(settings);
    if (operands.length === 0) problems.push("info needs a file or a URL");
    if (problems.length === 0) {
      await using inputs = createInputReader(config);
      for (const name of operands) {
        try {
          const { bytes, header } = await inspect(name, inputs);
          const facts = fileFacts(header, bytes.byteLength);
          console.log(
            flags.json === "true" ? JSON.stringify({ name, ...facts }) : asText(name, facts),
          );
        } catch (error) {
          problems.push(`${name}: ${messageOf(error)}`);
        }
      }
    }
    printProblems(problems);
    return problems.length > 0 ? 1 : 0;
  },
};

async function inspect(
  name: string,
  inputs: InputReader,
): Promise<{ bytes: Uint8Array; header: ImageHeader }> {
  const bytes = await inputs.read(name);
  const header = readHeader(bytes);
  if (!header) throw new Error("The bytes are not an image of a known format");
  return { bytes, header };
}

/** EXIF's numbers for how the stored pixels lie, in words. */
const ORIENTATIONS = [
  "upright",
  "mirrored",
  "upside down",
  "upside down and mirrored",
  "mirrored and to be turned by 270° clockwise",
  "to be turned by 90° clockwise",
  "mirrored and to be turned by 90° clockwise",
  "to be turned by 270° clockwise",
] as const;

function asText(name: string, facts: FileFacts): string {
  const { animated, durationMs, loopCount } = facts;
  const loops = loopCount === 0 ? "forever" : `${loopCount} times`;
  const movement = [
    ...(animated ? ["animated"] : []),
    ...(durationMs ? [`${durationMs / 1000} s`] : []),
    ...(loopCount === undefined ? [] : [`plays ${loops}`]),
  ];
  const rows: readonly (readonly [string, string])[] = [
    ["format", `${facts.format} (${facts.mediaType})`],
    ["size", `${facts.width}x${facts.height}`],
    ["bytes", String(facts.bytes)],
    ["frames", [facts.frames, ...movement].join(", ")],
    ["orientation", `${facts.orientation} (${ORIENTATIONS[facts.orientation - 1]})`],
    ["colour", `${facts.colorModel}, ${facts.bitDepth} bits${facts.hasAlpha ? ", alpha" : ""}`],
    ["profile", facts.hasProfile ? "embedded" : "none"],
  ];
  return [printable(name), ...rows.map(([label, value]) => `  ${label.padEnd(13)}${value}`)].join(
    "\n",
  );
}
