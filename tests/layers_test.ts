import assert from "node:assert/strict";
import denoConfig from "../deno.json" with { type: "json" };

const SOURCE = new URL("../src/", import.meta.url);

/**
 * The floors of the house, lowest first, and the rooms on each: folders below src/, "" for its own files,
 * `*` for any folder. A file uses its own room and rooms on lower floors; rooms of one floor do not know
 * each other.
 */
const FLOORS: readonly (readonly string[])[] = [
  [""],
  ["paint", "image/pixels", "image/fonts"],
  ["image/colour", "image/formats/jpeg/kernels", "image/formats/png/rows"],
  ["image/formats/reading"],
  ["image/formats/coding"],
  ["image/formats/*"],
  ["image/formats"],
  ["options", "http", "page/browser"],
  ["http/origin", "cloud", "image/plan"],
  ["image/text"],
  ["image", "image/engine/wasm"],
  ["image/engine"],
  ["cache/drivers", "page", "sources"],
  ["cache"],
  ["request", "ops", "settings"],
  ["dialects"],
  ["serving"],
  ["server", "commands/terminal"],
  ["commands/files"],
  ["commands"],
];

/** So many files a newcomer still takes in at a glance; a folder that needs more has rooms in it. */
const MAX_LOOSE_FILES = 25;

/** Modules that know no clock, no network and nothing of Deno. */
const PURE = [
  "errors.ts",
  /^options\//,
  /^paint\//,
  /^image\/plan\//,
  /^image\/fonts\//,
  /^image\/text\//,
  /^image\/pixels\/(geometry|dihedral|trim|lanczos)\.ts$/,
  /^image\/formats\/reading\//,
  /^image\/colour\/(code_points|icc_profile)\.ts$/,
  /^image\/formats\/(table|read_header|encoding|coding\/(quality|fit_bytes|auto_quality|similarity|concatenate)|heif\/(find_picture|for_engine|unrepeat|hevc_layers|item_content)|jxl\/(ans_code|prefix_code|codestream|skip_profile|symbols|without_profile|plain_colours)|svg\/(root_tag|svg_text|escapes|doctype|count_draws|check_drawing|drawing_time))\.ts$/,
  /^image\/formats\/\w+\/(format|(\w+_)?header|stated_colour|av1_sequence|\w+_(size|fields|frames|scans|entry|meta|metadata|memory|sequence|shape|timing|tables|segments))\.ts$/,
  /^http\/(?!origin\/)/,
  /^http\/origin\/(byte_budget|origin_url)\.ts$/,
  /^sources\/(object_name|named_source)\.ts$/,
  /^cloud\/(bucket|location|location_query|variables|xml)\.ts$/,
  /^cache\/(entry|key|drivers\/resp)\.ts$/,
];

/** Libraries, and the only places that may load them. */
const ONLY_IN: readonly (readonly [RegExp, RegExp])[] = [
  [/^hono/, /^server\//],
  [/^unstorage/, /^cache\//],
  [/^lru-cache/, /^cache\//],
  [/^aws4fetch/, /^cloud\//],
  [/^structured-headers/, /^http\//],
  [/^prom-client|^@opentelemetry/, /^ops\//],
  [/^commander/, /^commands\//],
  [/^blurhash|^thumbhash/, /^paint\//],
  [/^@imagemagick/, /^image\//],
  [/^@resvg/, /^image\/formats\/svg\//],
  [/^@jsquash/, /^image\/formats\/webp\//],
  [/^dejavu-sans|^@embedpdf/, /^image\/engine\/wasm\/drawing_fonts/],
  [/^bidi-js/, /^image\/text\//],
];

interface Import {
  file: string;
  specifier: string;
  typeOnly: boolean;
  /** Loaded where it is asked for, not with the file. */
  lazy: boolean;
}

Deno.test("every folder has its floor", () => {
  for (const file of files()) assert.ok(floorOf(file) >= 0, `src/${file} is in no room of FLOORS`);
});

Deno.test("no folder is an attic", () => {
  const inFolder = Map.groupBy(files(), folderOf);
  const full = [...inFolder].filter(([, loose]) => loose.length > MAX_LOOSE_FILES)
    .map(([folder, loose]) => `src/${folder} holds ${loose.length} loose files`);
  assert.deepEqual(full, []);
});

Deno.test("no import climbs, and rooms of one floor do not know each other", () => {
  const climbs = ownImports()
    .filter(({ file, target }) => folderOf(file) !== folderOf(target))
    .filter(({ file, target }) => floorOf(target) >= floorOf(file))
    .map(({ file, target }) => `src/${file} must not import src/${target}`);
  assert.deepEqual(climbs, []);
});

Deno.test("no imports go round in a circle", () => {
  const imported = Map.groupBy(ownImports(), ({ file }) => file);
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]) => {
    const start = path.indexOf(file);
    assert.equal(start, -1, `A circle: ${[...path.slice(start), file].join(" -> ")}`);
    if (done.has(file)) return;
    for (const { target } of imported.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of files()) visit(file, []);
});

Deno.test("pure modules import pure modules, and use neither Deno nor a clock", async () => {
  for (const each of ownImports()) {
    const { file, target, typeOnly } = each;
    if (!typeOnly && !isCodec(each) && isPure(file)) {
      assert.ok(isPure(target), `${file} must not import ${target}`);
    }
  }
  for (const file of files().filter(isPure)) {
    const text = withoutComments(await Deno.readTextFile(new URL(file, SOURCE)));
    assert.doesNotMatch(
      text,
      /\bDeno\.|\bfetch\(|Date\.now\(|performance\.now\(|setTimeout\(/,
      file,
    );
  }
});

Deno.test("each library is loaded in one place only", () => {
  for (const { file, specifier, typeOnly } of imports()) {
    for (const [library, place] of ONLY_IN) {
      if (library.test(specifier) && !typeOnly) {
        assert.match(file, place, `${file} loads ${specifier}`);
      }
    }
  }
});

// All of them are fetched by `deno task start` and embedded into the compiled program; what only tests and
// scripts use stands in the scopes of deno.json.
Deno.test("every import of deno.json is loaded by the program", () => {
  const loaded = imports().map(({ specifier }) => specifier);
  for (const name of Object.keys(denoConfig.imports)) {
    const isLoaded = loaded.some((each) => each === name || each.startsWith(`${name}/`));
    assert.ok(isLoaded, `Nothing below src/ imports ${name}`);
  }
});

Deno.test("nothing outside the workers loads the engine at run time", () => {
  const reached = new Set<string>();
  const visit = (file: string) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const each of imports()) {
      const { file: from, specifier, typeOnly } = each;
      if (from !== file || typeOnly || isCodec(each) || isNamed(each)) continue;
      const target = resolve(from, specifier);
      assert.notEqual(
        specifier,
        "@imagemagick/magick-wasm",
        `${file} is loaded by the server itself`,
      );
      if (target?.endsWith(".ts")) visit(target);
    }
  };
  visit("server/server.ts");
  visit("server/image_proxy.ts");
  assert.ok(reached.has("image/engine/pool.ts") && !reached.has("image/engine/worker.ts"));
  // An entry of the table of formats only names its codec: codecs.ts loads them all.
  assert.ok(reached.has("image/formats/table.ts") && !reached.has("image/formats/codecs.ts"));
  const callers = ownImports().filter(({ target }) => target === "image/formats/table.ts")
    .map(({ file }) => file)
    .filter((file) => /\bloadCodec\b/.test(Deno.readTextFileSync(new URL(file, SOURCE))));
  assert.deepEqual(callers, ["image/formats/codecs.ts"]);
});

/** Whether the import is that of a format's own code, which its entry leaves to the workers. */
function isCodec({ file, specifier, lazy }: Import): boolean {
  return lazy && /^\.\/(\w+_)?codec\.ts$/.test(specifier) &&
    /^image\/formats\/\w+\/format\.ts$/.test(file);
}

/** Whether the import only names the engine's modules, for the module graph of a host. */
function isNamed({ file, specifier, lazy }: Import): boolean {
  return lazy && file === "server/image_proxy.ts" &&
    /^\.\.\/(\.\.\/main|image\/engine\/worker)\.ts$/.test(specifier);
}

function isPure(file: string): boolean {
  return PURE.some((pattern) =>
    typeof pattern === "string" ? pattern === file : pattern.test(file)
  );
}

function folderOf(file: string): string {
  return file.includes("/") ? file.slice(0, file.lastIndexOf("/")) : "";
}

/** -1 for a file that is in no room. */
function floorOf(file: string): number {
  const folder = folderOf(file);
  const named = FLOORS.findIndex((rooms) => rooms.includes(folder));
  if (named >= 0) return named;
  return FLOORS.findIndex((rooms) =>
    rooms.includes(folder.slice(0, folder.lastIndexOf("/") + 1) + "*")
  );
}

function files(folder = ""): string[] {
  return [...Deno.readDirSync(new URL(folder, SOURCE))].flatMap(({ name, isDirectory }) =>
    isDirectory ? files(`${folder}${name}/`) : /\.[jt]s$/.test(name) ? [folder + name] : []
  );
}

let found: Import[] | undefined;

/** All imports and re-exports below src/: static ones, and those that are loaded on the way. */
function imports(): Import[] {
  return found ??= files().flatMap((file) => {
    const text = withoutComments(Deno.readTextFileSync(new URL(file, SOURCE)));
    const fixed = text.matchAll(/^(?:import|export)\s+(type\s)?[^"';=]*?["']([^"']+)["']/gm);
    const lazy = text.matchAll(/\bimport\(()"([^"]+)"\)/g);
    return [...fixed, ...lazy].map(([text, type, specifier]) => ({
      file,
      specifier: specifier!,
      typeOnly: type !== undefined && type !== "",
      lazy: text.startsWith("import("),
    }));
  });
}

/** Those of the program's own modules. */
function ownImports(): (Import & { target: string })[] {
  return imports().flatMap((each) => {
    const target = resolve(each.file, each.specifier);
    return target === undefined ? [] : [{ ...each, target }];
  });
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
}

/** The path below src/ of a relative import; undefined for a library, or a file outside. */
function resolve(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const url = new URL(specifier, new URL(file, SOURCE));
  return url.href.startsWith(SOURCE.href) ? url.href.slice(SOURCE.href.length) : undefined;
}
