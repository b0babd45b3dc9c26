import assert from "node:assert/strict";
import { SETTINGS } from "../../src/settings/table.ts";
import { parseConfigFile } from "../../src/settings/file.ts";
import { resolveConfig } from "../../src/settings/resolve.ts";

const NO_VARIABLES = () => undefined;

Deno.test("resolveConfig() takes flags before variables before the file before defaults", () => {
  const variables = (name: string) =>
    ({ IMAGEPROXY_TIMEOUT: "2s", IMAGEPROXY_USERAGENT: "variable", IMAGEPROXY_ADDR: "" })[name];
  const file = { path: "f", values: { timeout: "3s", userAgent: "file", workers: 3 } };
  const { config, sources, problems } = resolveConfig({ timeout: "1s" }, variables, { file });
  assert.deepEqual(problems, []);
  assert.equal(config.timeout, 1000);
  assert.equal(config.userAgent, "variable");
  assert.equal(config.workers, 3);
  assert.deepEqual(config.addr, SETTINGS.addr.default);
  assert.equal(sources.timeout.label, "-timeout");
  assert.equal(sources.userAgent.label, "IMAGEPROXY_USERAGENT");
  assert.equal(sources.workers.label, "workers in f");
  assert.equal(sources.addr.source, "default");
});

// values of the file, a problem
const BAD_FILES: readonly (readonly [Record<string, unknown>, RegExp])[] = [
  [{ allowHost: [] }, /^"allowHost" in f is no setting; did you mean allowHosts\?$/],
  [{ timeout: "5" }, /^timeout in f must be a duration .*, not "5"$/],
  [{ timeout: ["5s"] }, /^timeout in f must be one value, not/],
  [{ verbose: null }, /^verbose in f must be a text, a number, true, false or a list of texts$/],
  [{ addr: { port: 1 } }, /^addr in f must be a text/],
  [{ config: "g" }, /^config in f cannot be set there/],
  [
    { signatureKey: "k", purgeToken: ["a"] },
    /^purgeToken in f must be one value, not the value given$/,
  ],
];

for (const [values, problem] of BAD_FILES) {
  Deno.test(`resolveConfig() refuses a file with ${JSON.stringify(values)}`, () => {
    const { problems } = resolveConfig({}, NO_VARIABLES, { file: { path: "f", values } });
    assert.equal(problems.length, 1, problems.join());
    assert.match(problems[0]!, problem);
  });
}

Deno.test("resolveConfig() reads lists, booleans and old names from files", () => {
  const values = { whitelist: ["a", "b"], verbose: true, cache: ["memory", "/x"], port: 99 };
  const { config, warnings, problems } = resolveConfig({}, NO_VARIABLES, {
    file: { path: "f", values },
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(config.allowHosts, ["a", "b"]);
  assert.deepEqual(config.cache, ["memory", "/x"]);
  assert.equal(config.verbose, true);
  assert.deepEqual(config.addr, { hostname: "::", port: 99 });
  assert.deepEqual(warnings, [
    "port in f is the old name of addr",
    "whitelist in f is the old name of allowHosts",
  ]);
});

Deno.test("resolveConfig() takes a platform's PORT unless an address is given by flag or variable", () => {
  const variables = (name: string) => name === "PORT" ? "99" : undefined;
  const file = { path: "f", values: { addr: ":1" } };
  assert.deepEqual(resolveConfig({}, variables, { file }).config.addr, {
    hostname: "::",
    port: 99,
  });
  assert.deepEqual(resolveConfig({ addr: ":2" }, variables).config.addr, {
    hostname: "::",
    port: 2,
  });
});

// text of a file, its value or what is wrong with it
const FILES: readonly (readonly [string, Record<string, unknown> | RegExp])[] = [
  ["{}", {}],
  ['\ufeff{ // one\n "a": 1, /* two\n */ "b": ["x", ], }', { a: 1, b: ["x"] }],
  ['{"a": "// no comment", "b": "/* none */", "c": ",}"}', {
    a: "// no comment",
    b: "/* none */",
    c: ",}",
  }],
  ['{"a": "\\"//"}', { a: '"//' }],
  ["[]", /must hold one object/],
  ["null", /must hold one object/],
  ['{\n  "a": 1 // one\n  "b": 2\n}', /line 3 column 3/],
];

for (const [text, expected] of FILES) {
  Deno.test(`parseConfigFile() of ${JSON.stringify(text)}`, () => {
    if (expected instanceof RegExp) assert.throws(() => parseConfigFile(text), expected);
    else assert.deepEqual(parseConfigFile(text), expected);
  });
}
