import assert from "node:assert/strict";
import { withWantedLifetime } from "../../src/http/wanted_lifetime.ts";

const EXPIRES = "Thu, 01 Jan 2026 00:00:00 GMT";
const ROWS: readonly (readonly [Record<string, string>, string | undefined])[] = [
  [{ "cdn-cache-control": "max-age=9", "cache-control": "public" }, "public"],
  [{ "cdn-cache-control": "no-store" }, undefined],
  [{}, "max-age=60"],
  [{ etag: '"a"' }, "max-age=60"],
  [{ "cache-control": "public" }, "public, max-age=60"],
  [{ "cache-control": "public, stale-if-error=9" }, "public, stale-if-error=9, max-age=60"],
  [{ "cache-control": "max-age=0" }, "max-age=0"],
  [{ "cache-control": "S-MaxAge=9" }, "S-MaxAge=9"],
  [{ "cache-control": "no-store" }, "no-store"],
  [{ "cache-control": "no-cache" }, "no-cache"],
  [{ "cache-control": "Private" }, "Private"],
  [{ expires: EXPIRES }, undefined],
  [{ expires: "0" }, undefined],
];

Deno.test("withWantedLifetime() gives the implied lifetime to answers that say none, and no others", () => {
  for (const [headers, control] of ROWS) {
    const result = withWantedLifetime(headers, { implied: 60.9 });
    assert.equal(result["cache-control"], control, JSON.stringify(headers));
    const { "cache-control": _, ...others } = result;
    const { "cache-control": __, ...before } = headers;
    assert.deepEqual(others, before);
    assert.deepEqual(withWantedLifetime(headers, {}), headers);
  }
});
