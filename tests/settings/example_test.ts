import assert from "node:assert/strict";
import { parseConfigFile } from "../../src/settings/file.ts";
import { resolveConfig } from "../../src/settings/resolve.ts";
import { SETTINGS } from "../../src/settings/table.ts";

const EXAMPLE = await Deno.readTextFile(
  new URL("../../imageproxy.example.json", import.meta.url),
);

Deno.test("the example of a config file says nothing as it is, and the defaults where all of it counts", () => {
  assert.deepEqual(parseConfigFile(EXAMPLE), {});
  const all = parseConfigFile(EXAMPLE.replaceAll(/^ {2}\/\/ (?=")/gm, ""));
  assert.deepEqual(
    Object.keys(all).sort(),
    Object.keys(SETTINGS).filter((it) => it !== "config").sort(),
  );
  const file = { path: "imageproxy.example.json", values: all };
  const { config, problems } = resolveConfig({}, () => undefined, { file });
  assert.deepEqual(problems, []);
  const defaults = resolveConfig({}, () => undefined).config;
  assert.deepEqual({ ...config, config: "" }, { ...defaults, config: "" });
});
