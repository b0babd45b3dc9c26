// Writes docs/options.md, docs/settings.md, docs/dialects.md, the options of clients/js and the pictures of docs/, and the
// table of formats into docs/formats.md; with --check, only tells whether they are what the tables say.
import { clientOptions, clientTypes } from "./client_options.ts";
import type { Dialect } from "../src/dialects/dialect.ts";
import { DIALECTS } from "../src/dialects/table.ts";
import type { Format } from "../src/image/formats/coding/format.ts";
import { FORMATS, NEGOTIATED_FORMATS } from "../src/image/formats/table.ts";
import { SECTIONS, type Setting, SETTINGS, variableOf } from "../src/settings/table.ts";
import type { Option } from "../src/options/option.ts";
import { formatOptions, parseOptions } from "../src/options/parse.ts";
import { OPTIONS } from "../src/options/table.ts";

const NOTICE =
  "<!-- Written by `deno task docs` from the tables in src/. Change those, not this file. -->";

const SCRIPT_NOTICE =
  "// Written by `deno task docs` from the table of options. Change that, not this file.";

function optionsDocument(): string {
  const sections = (Object.values(OPTIONS) as Option<unknown>[]).map((option) => {
    const examples = option.examples.map((example) => {
      const canonical = formatOptions(parseOptions(example));
      return `| \`${example}\` | \`${canonical}\` |`;
    });
    return [
      `## ${option.syntax.split(/ (?![^{]*\})/).map((token) => `\`${token}\``).join(" ")}`,
      option.summary,
      ["| example | canonical form |", "| --- | --- |", ...examples].join("\n"),
    ].join("\n\n");
  });
  return [
    NOTICE,
    "# Options",
    "An image URL is `/{options}/{remote_url}`. Options are separated by commas and stand in any order; " +
    "of two that say the same thing the later one wins. They are applied in the order of this page, after " +
    "the picture has been made upright by its EXIF orientation. A token that cannot be read is answered " +
    "400, with a sentence that names it and says what is accepted.",
    "The canonical form is what a [signature](security.md) covers: every token in its shortest form, the " +
    "size always present, all sorted and joined by commas, the signature itself left out.",
    ...sections,
  ].join("\n\n") + "\n";
}

function settingsDocument(): string {
  const entries = Object.entries(SETTINGS) as [string, Setting<unknown>][];
  const sections = SECTIONS.map((section) => {
    const rows = entries.filter(([, entry]) => entry.section === section).map(([name, entry]) => {
      const shown = entry.defaultText ?? code((entry.kind.show ?? String)(entry.default));
      const flag = `-${name} ${entry.kind.placeholder}`;
      return `| \`${flag.replaceAll("|", "\\|")}\` | \`${variableOf(name)}\` | ${shown} | ${
        escapeCell(entry.description)
      } |`;
    });
    return [
      `## ${section}`,
      ["| flag | variable | default | |", "| --- | --- | --- | --- |", ...rows].join("\n"),
    ]
      .join("\n\n");
  });
  return [
    NOTICE,
    "# Settings",
    "Every setting is a flag, written with one dash or two, an environment variable, and a key of the " +
    "config file, which is JSON with comments. A flag counts more than a variable, and a variable more " +
    "than the file. Durations are written as in Go: `30s`, `250ms`, `1h30m`; sizes as `500KB`, " +
    "`20MB`, `1GiB`. What cannot be read ends the program at start, with one line for each problem.",
    ...sections,
  ].join("\n\n") + "\n";
}

/** A config file that says nothing: every setting as a comment, with what it is for and its default. */
function exampleConfig(): string {
  const entries = Object.entries(SETTINGS) as [string, Setting<unknown>][];
  const sections = SECTIONS.map((section) =>
    [
      `  // ${section}`,
      ...entries.filter(([name, entry]) => entry.section === section && name !== "config")
        .map(([name, entry]) => {
          const shown = (entry.kind.show ?? String)(entry.default);
          const value = entry.kind.isBoolean ? shown : JSON.stringify(shown);
          return `  // ${entry.description}\n  // "${name}": ${value},`;
        }),
    ].join("\n\n")
  );
  return [
    SCRIPT_NOTICE.replace("the table of options", "the table of settings"),
    '// For -config: a copy of this file, in which a setting counts once the "//" before it is gone.',
    "{",
    sections.join("\n\n"),
    "}",
    "",
  ].join("\n");
}

function dialectsDocument(): string {
  const sections = (Object.entries(DIALECTS) as [string, Dialect][]).map(([name, dialect]) => {
    const rows = dialect.options.map(({ syntax, verdict, ours = "", note = "" }) =>
      `| ${spans(syntax)} | ${verdict} | ${ours.replaceAll("|", "\\|")} | ${escapeCell(note)} |`
    );
    return [
      `## ${dialect.title}`,
      `\`-dialect ${name}\` answers its URLs below \`${dialect.path}\`, such as`,
      `    ${dialect.example}`,
      dialect.keySyntax
        ? `Its signatures are checked with \`-dialectKey ${name}=${dialect.keySyntax}\`.`
        : "Its URLs bear no signature.",
      [`| ${dialect.title} | | here | |`, "| --- | --- | --- | --- |", ...rows].join("\n"),
    ].join("\n\n");
  });
  return [
    NOTICE,
    "# Other servers' URLs",
    "This server answers the URLs of others, so that stored pages need no change: `-dialect imgproxy` reads " +
    "them below `/imgproxy/`, `-dialect imgproxy=/` where they always were. Several may be named. Whatever " +
    "the grammar, the same rules hold behind it: allowed hosts, limits, caches (one original whoever asks).",
    "A valid signature of the other server's own counts as one that covers the options. Where a key is set, " +
    "no URL of that server goes unsigned, and the words for unsigned URLs pass only where none is.",
    "Each option of the other server's documentation is listed: `same`, `nearly` (and how it differs), or " +
    "`not`. One that is not there is answered 400 with its name, or left out with `-ignoreUnknownOptions`. What " +
    "enlarges a picture does so only where `-scaleUp` allows it.",
    "All of 600 random URLs of each grammar had the same size and format as the server itself gave " +
    "(`scripts/compare_dialects.ts`, seeds 21 and 22), to the pixel: imgproxy 4.0.12, Next.js 16.4, thumbor 7.8, imagor " +
    "1.9.5, ipx 4.0 beta. What the tables below say is otherwise is left out of the random URLs, and so is what the " +
    "other server itself failed at. weserv and Cloudflare cannot be run elsewhere: rows of our tests follow their " +
    "documentation.",
    "`imageproxy translate URL…` prints what a foreign URL is in this program's own form; the page at `/` takes foreign URLs " +
    "too, wherever their server lies, and says what of them has no counterpart.",
    ...sections,
  ].join("\n\n") + "\n";
}

const FORMAT_COLUMNS: Readonly<Record<string, (name: string, format: Format) => string>> = {
  "format": (_, { name }) => name,
  "in a URL": (name, { encoding, aliases = [] }) =>
    encoding ? [name, ...aliases].map(code).join(" ") : "",
  "media type": (_, { mediaType }) => mediaType,
  "what is read": (_, { kinds }) => kinds,
  "moves": (_, { decoding, encoding }) =>
    [...(decoding?.moves ? ["read"] : []), ...(encoding?.moves ? ["written"] : [])].join(", "),
  "transparent": (_, { encoding }) => encoding ? encoding.opaque ? "no" : "yes" : "",
  "`icc:keep`": (_, { encoding }) =>
    (encoding?.profiles ?? []).map((space) => SPACES[space]).join(", "),
  "without a word": (name, { encoding }) => {
    const choice = NEGOTIATED_FORMATS.findIndex((negotiated) => negotiated === name) + 1;
    return [
      ...(encoding?.shown ? ["stays"] : []),
      ...(choice && !encoding?.negotiated?.isRescue ? [`choice ${choice} of \`auto\``] : []),
    ]
      .join(", ");
  },
};
const SPACES = { rgb: "RGB", grey: "grey", cmyk: "CMYK", other: "others" } as const;

/** The table of formats, its columns as wide as deno fmt makes them. */
function formatsTable(): string {
  const cells = (Object.entries(FORMATS) as [string, Format][]).map(([name, format]) =>
    Object.values(FORMAT_COLUMNS).map((cell) => cell(name, format))
  );
  const rows = [Object.keys(FORMAT_COLUMNS), ...cells];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(rows[0]!), rule, ...cells.map(line)].join("\n");
}

/** A document with what stands between the marks of a part written anew. */
async function withPart(
  path: string,
  { part, text }: { part: string; text: string },
): Promise<string> {
  const [start, end] = [`<!-- ${part}: written by \`deno task docs\` -->`, `<!-- /${part} -->`];
  const [before, rest] = (await Deno.readTextFile(path)).split(start);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`${path} has no ${start} … ${end}`);
  return `${before}${start}\n\n${text}\n\n${end}${after}`;
}

/** Each of several forms as code. */
function spans(syntax: string): string {
  return syntax.split(" ").map((form) => `\`${form.replaceAll("|", "\\|")}\``).join(" ");
}

function code(text: string): string {
  return text === "" ? "none" : `\`${text}\``;
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll(/(?<![`\w])(\*[^\s,;]*|@\w+)/g, "`$1`");
}

const documents = {
  "docs/options.md": optionsDocument(),
  "docs/settings.md": settingsDocument(),
  "docs/dialects.md": dialectsDocument(),
  "imageproxy.example.json": exampleConfig(),
  "clients/js/options.js": clientOptions(SCRIPT_NOTICE),
  "clients/js/options.d.ts": clientTypes(SCRIPT_NOTICE),
  "docs/formats.md": await withPart("docs/formats.md", { part: "formats", text: formatsTable() }),
};
const check = Deno.args.includes("--check");
for (const [path, text] of Object.entries(documents)) {
  const current = await Deno.readTextFile(path).catch(() => "");
  if (current === text) continue;
  if (check) {
    console.error(`${path} is not what the tables say: run deno task docs`);
    Deno.exitCode = 1;
  } else {
    await Deno.writeTextFile(path, text);
    console.log(`wrote ${path}`);
  }
}
// Whether they are current, a test tells: that takes as long as making them.
if (!check) {
  const { writePictures } = await import("./pictures.ts");
  for (const name of await writePictures()) console.log(`wrote docs/pictures/${name}`);
}
