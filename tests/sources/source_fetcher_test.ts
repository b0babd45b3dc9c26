import assert from "node:assert/strict";
import { createOriginFetcher } from "../../src/http/origin/original.ts";
import { withSources } from "../../src/sources/source_fetcher.ts";
import { SOURCE_KINDS } from "../../src/sources/table.ts";
import { fails, UNSIGNED } from "../testing/fetching.ts";

const ENV: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: "id",
  AWS_SECRET_ACCESS_KEY: "secret",
  AZURESTORAGE_ACCOUNT_NAME: "account",
  AZURESTORAGE_ACCESS_KEY: "a2V5",
};

async function open(entries: readonly string[], read = new Set<string>()) {
  const fetcher = withSources(createOriginFetcher(), {
    entries,
    files: [],
    context: {
      env: (name) => {
        read.add(name);
        return ENV[name];
      },
      rules: {},
      log: () => {},
      now: Date.now,
    },
  });
  await fetcher.close();
}

for (const [kind, { examples, variables }] of Object.entries(SOURCE_KINDS)) {
  for (const example of examples) {
    Deno.test(`${example} is a source, and reads only the variables that ${kind} names`, async () => {
      const read = new Set<string>();
      await open([example], read);
      for (const name of read) assert.ok(variables.includes(name), name);
    });
  }
}

const BAD: readonly (readonly [string, RegExp])[] = [
  ["photos=pictures", /begins with one of https:, http:, s3:, gcs:, azure:, file:/],
  ["photos=ftp://host/", /begins with one of https:/],
  ["photos=constructor:x", /begins with one of https:/],
  ["photos=file:pictures", /must be absolute, as in file:/],
  ["photos=file:", /path is missing/],
  ["photos=file://host/share", /a file takes a path/],
  ["photos=file:/a?cache=soon", /cache takes a duration such as 5s, not "soon"/],
  ["photos=file:/a?max=1GB", /does not know "max", only cache/],
  ["photos=s3://us-east-1", /region and bucket are needed/],
  ["photos=s3://us-east-1/b/../c", /may not hold \. or \.\./],
  ["photos=s3://us-east-1/b?region=x", /does not know "region", only cache, endpoint/],
  ["photos=gcs://", /bucket is missing/],
  ["photos=azure://", /container is missing/],
  ["photos=https://", /names no host/],
  ["photos=https://user:secret@host/", /user name or password/],
  ["photos=https://host/a/../b/", /segment of dots/],
  ["photos=https://host/?q=1", /does not know "q", only cache/],
];
for (const [entry, sentence] of BAD) {
  Deno.test(`withSources() refuses ${entry} with what would be right`, async () => {
    await assert.rejects(open([entry]), (error: Error) => {
      assert.match(error.message, /^Cannot open the source photos=/);
      assert.match(error.message, sentence);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });
}

Deno.test("withSources() leaves what is no source of its own to the web", async () => {
  const web = createOriginFetcher();
  const fetcher = withSources(web, {
    entries: ["photos=file:/nowhere"],
    files: [],
    context: { env: () => undefined, rules: {}, log: () => {}, now: Date.now },
  });
  await assert.rejects(fetcher.fetchOriginal("fotos:a", UNSIGNED), fails("malformed", /http:/));
  await assert.rejects(fetcher.fetchOriginal("photos:../a", UNSIGNED), fails("malformed", /dots/));
  await assert.rejects(fetcher.fetchOriginal("photos:a", UNSIGNED), fails("bad_origin", /read/));
  await fetcher.close();
});
