import assert from "node:assert/strict";

const SOURCE = new URL("../src/", import.meta.url);

/** Modules that know no clock, no network and nothing of Deno. */
const PURE = [
  "errors.ts",
  "body.ts",
  "percent_encoding.ts",
  /^options\//,
  /^paint\//,
  /^image\/(geometry|dihedral|trim|lanczos|output_format)\.ts$/,
  /^image\/header\//,
  /^http\/(freshness|storable|vary|revalidation|conditional|cache_control|header_map|http_date|origin_headers)\.ts$/,
  /^http\/(address|host|origin_url|content_type|content_disposition|respond)\.ts$/,
  /^cache\/(entry|key|drivers\/resp)\.ts$/,
];

/** What a folder or file may import from another folder; pure modules may be imported from anywhere. */
const MAY_IMPORT: Readonly<Record<string, RegExp>> = {
  cache: /^cache\//,
  http: /^http\//,
  image: /^image\//,
  ops: /^ops\//,
  options: /^options\//,
};

/** Libraries, and the only places that may load them. */
const ONLY_IN: readonly (readonly [RegExp, RegExp])[] = [
  [/^hono/, /^app\.ts$/],
  [/^unstorage/, /^cache\//],
  [/^aws4fetch|^lru-cache/, /^cache\//],
  [/^undici/, /^http\//],
  [/^prom-client|^@opentelemetry/, /^ops\//],
  [/^commander/, /^(command_line\.ts|commands\/)/],
];

interface Import {
  file: string;
  specifier: string;
  typeOnly: boolean;
}

Deno.test("folders import only what their layer allows", () => {
  for (const { file, specifier, typeOnly } of imports()) {
    const folder = file.includes("/") ? file.split("/")[0]! : "";
    const target = resolve(file, specifier);
    const allowed = MAY_IMPORT[folder];
    if (!target || !allowed || typeOnly) continue;
    assert.ok(allowed.test(target) || isPure(target), `${file} must not import ${target}`);
  }
});

Deno.test("pure modules import pure modules, and use neither Deno nor a clock", async () => {
  for (const { file, specifier, typeOnly } of imports()) {
    const target = resolve(file, specifier);
    if (target && !typeOnly && isPure(file)) {
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
    if (specifier === "@imagemagick/magick-wasm" && !typeOnly) {
      assert.match(file, /^image\//, `${file} loads the engine`);
    }
  }
});

Deno.test("nothing outside the workers loads the engine at run time", () => {
  const reached = new Set<string>();
  const visit = (file: string) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const { file: from, specifier, typeOnly } of imports()) {
      if (from !== file || typeOnly) continue;
      const target = resolve(from, specifier);
      assert.notEqual(
        specifier,
        "@imagemagick/magick-wasm",
        `${file} is loaded by the server itself`,
      );
      if (target?.endsWith(".ts")) visit(target);
    }
  };
  visit("server.ts");
  assert.ok(reached.has("image/pool.ts") && !reached.has("image/worker.ts"));
});

function isPure(file: string): boolean {
  return PURE.some((pattern) =>
    typeof pattern === "string" ? pattern === file : pattern.test(file)
  );
}

function files(folder = ""): string[] {
  return [...Deno.readDirSync(new URL(folder, SOURCE))].flatMap(({ name, isDirectory }) =>
    isDirectory ? files(`${folder}${name}/`) : name.endsWith(".ts") ? [folder + name] : []
  );
}

let found: Import[] | undefined;

function imports(): Import[] {
  return found ??= files().flatMap((file) => {
    const text = withoutComments(Deno.readTextFileSync(new URL(file, SOURCE)));
    return [...text.matchAll(/^import\s+(type\s)?[^"';]*?["']([^"']+)["']/gm)]
      .map(([, type, specifier]) => ({
        file,
        specifier: specifier!,
        typeOnly: type !== undefined,
      }));
  });
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
}

/** The path below src/ of a relative import; undefined for a library. */
function resolve(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const url = new URL(specifier, new URL(file, SOURCE));
  return url.href.startsWith(SOURCE.href) ? url.href.slice(SOURCE.href.length) : undefined;
}
