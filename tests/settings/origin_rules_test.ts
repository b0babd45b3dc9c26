import assert from "node:assert/strict";
import { createRuleFinder, originRules } from "../../src/settings/origin_rules.ts";
import { resolveConfig } from "../../src/settings/resolve.ts";

const RULES = {
  "a.example.com, 10.0.0.0/8": {
    headers: { Authorization: "Bearer secret", "X-Key": "secret" },
    maxSourceBytes: "5MB",
  },
  "*.example.com": { fetchTimeout: "5s", maxRequestsPerHost: 2, userAgent: "we" },
  "photos:": { defaultCacheDuration: "24h", minCacheDuration: "1h" },
};

Deno.test("originRules reads each part as the setting of that name, and the first pattern counts", () => {
  const find = createRuleFinder(originRules.parse(JSON.stringify(RULES)));
  const first = {
    headers: { authorization: "Bearer secret", "x-key": "secret" },
    maxSourceBytes: 5e6,
  };
  const rows = [
    ["a.example.com", first],
    ["10.1.2.3", first],
    ["A.EXAMPLE.com.", first],
    ["b.example.com", { fetchTimeout: 5000, maxRequestsPerHost: 2, userAgent: "we" }],
    ["photos:", { defaultCacheDuration: 86_400_000, minCacheDuration: 3_600_000 }],
    ["example.org", undefined],
    ["shop:", undefined],
  ] as const;
  for (const [place, rule] of rows) assert.deepEqual(find(place), rule, place);
  assert.deepEqual(originRules.parse(""), {});
});

Deno.test("originRules shows everything but what headers hold", () => {
  const shown = originRules.show!(originRules.parse(JSON.stringify(RULES)));
  assert.doesNotMatch(shown, /secret/);
  const { headers } = JSON.parse(shown)["a.example.com, 10.0.0.0/8"];
  assert.deepEqual(headers, { authorization: "********", "x-key": "********" });
  assert.match(shown, /"maxSourceBytes":"5MB"/);
  assert.match(shown, /"defaultCacheDuration":"24h"/);
  assert.equal(originRules.show!({}), "");
});

const REFUSED: readonly (readonly [unknown, RegExp])[] = [
  ["no JSON", /must be one object of rules by host/],
  [[], /must be one object of rules by host/],
  [{ "a.example": 1 }, /must be one object for "a.example"/],
  [{ "a b": {} }, /lists of hosts as its keys: .*"a b"/],
  [{ "": {} }, /lists of hosts/],
  [{ a: { timeout: "5s" } }, /"timeout" is none of them/],
  [{ a: { fetchTimeOut: "5s" } }, /did you mean fetchTimeout\?/],
  [{ a: { fetchTimeout: 5 } }, /has a fetchTimeout for "a" that must be a duration/],
  [{ a: { maxRequestsPerHost: 0 } }, /that must be a whole number/],
  [{ a: { headers: { host: "b" } } }, /has a headers for "a" that must not hold host/],
  [{ a: { headers: { "If-None-Match": "b" } } }, /must not hold If-None-Match/],
  [{ a: { headers: { "a b": "c" } } }, /must have a text that a header can hold for a b/],
  [{ a: { headers: { a: "secret\nb: c" } } }, /must have a text that a header can hold for a$/],
  [{ a: { headers: { a: 1 } } }, /must have a text/],
  [{ a: { headers: "secret" } }, /must be headers by name/],
];

Deno.test("originRules says what is wrong with a rule, and repeats no secret", () => {
  for (const [given, sentence] of REFUSED) {
    const value = typeof given === "string" ? given : JSON.stringify(given);
    assert.throws(() => originRules.parse(value), (error: Error) => {
      assert.match(error.message, sentence, value);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    }, value);
    const { problems } = resolveConfig({ origins: value }, () => undefined);
    assert.equal(problems.length, 1);
    assert.doesNotMatch(problems[0]!, /secret/);
  }
});

Deno.test("a config file holds the rules as an object", () => {
  const file = { path: "a.json", values: { origins: RULES } };
  const { config, problems } = resolveConfig({}, () => undefined, { file });
  assert.deepEqual(problems, []);
  assert.deepEqual(config.origins, originRules.parse(JSON.stringify(RULES)));
  const wrong = { path: "a.json", values: { origins: { a: { x: "secret" } }, sizes: { a: 1 } } };
  const { problems: found } = resolveConfig({}, () => undefined, { file: wrong });
  assert.equal(found.length, 2);
  assert.match(found.join("\n"), /origins in a.json must say for "a" nothing but/);
  assert.doesNotMatch(found.join("\n"), /secret/);
});
