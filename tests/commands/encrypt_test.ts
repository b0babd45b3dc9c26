import assert from "node:assert/strict";
import { createReveal } from "../../src/request/hidden_url.ts";
import { parseRequest } from "../../src/request/image_request.ts";
import { isSigned } from "../../src/request/access.ts";
import { run } from "../testing/server_process.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const grammar = { reveal: createReveal([encode("key")]), sources: ["photos"] };
const KEYS = ["-sourceKey", "key", "-source", "photos=file:/a"];

Deno.test("imageproxy encrypt prints what the server reads", async () => {
  const urls = ["https://example.com/a b.jpg?c=d#e", "photos:a/b.jpg"];
  const { code, stdout, stderr } = await run(["encrypt", ...KEYS, ...urls]);
  assert.equal(code, 0, stderr);
  const remotes = stdout.trim().split("\n").map((line) => parseRequest(`/x/${line}`, grammar));
  assert.deepEqual(remotes.map(({ remoteUrl }) => remoteUrl), [
    "https://example.com/a%20b.jpg?c=d%23e",
    "photos:a/b.jpg",
  ]);
  const relative = await run(["encrypt", ...KEYS, "-baseURL", "photos:in/", "a.jpg"]);
  const { remoteUrl } = parseRequest(`/x/${relative.stdout.trim()}`, grammar);
  assert.equal(remoteUrl, "photos:in/a.jpg");
});

Deno.test("imageproxy encrypt repeats itself only where it is told to", async () => {
  const args = ["encrypt", ...KEYS, "photos:a", "photos:a"];
  const [first, second] = (await run(args)).stdout.trim().split("\n");
  assert.notEqual(first, second);
  const same = (await run([...args, "-deterministic"])).stdout.trim().split("\n");
  assert.equal(same[0], same[1]);
});

Deno.test("imageproxy encrypt says what is missing or wrong", async () => {
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [["-sourceKey", "key"], /encrypt needs a URL/],
    [["https://example.com/"], /No key: give -sourceKey, IMAGEPROXY_SOURCEKEY/],
    [["-sourceKey", "@/nowhere", "https://example.com/"], /-sourceKey cannot read the key file/],
    [[...KEYS, "a.jpg"], /Cannot encrypt a.jpg: It must be a remote URL/],
    [[...KEYS, "photos:../a"], /Cannot encrypt photos:\.\.\/a: .*segment of dots/],
    [[...KEYS, "ftp://example.com/"], /Cannot encrypt ftp:/],
  ];
  for (const [args, sentence] of rows) {
    const { code, stdout, stderr } = await run(["encrypt", ...args]);
    assert.equal(code, 1, args.join(" "));
    assert.equal(stdout, "");
    assert.match(stderr, sentence);
  }
});

Deno.test("imageproxy sign -encrypt hides the remote URL and signs what is left to see", async () => {
  const given = [
    "http://localhost:8080/400,q40/https://example.com/a.jpg?b",
    "/photos:a.jpg",
    "https://example.com/a.jpg#400",
  ];
  const { code, stdout, stderr } = await run(["sign", "-encrypt", "-key", "k", ...KEYS, ...given]);
  assert.equal(code, 0, stderr);
  const urls = stdout.trim().split("\n");
  assert.equal(urls.length, given.length);
  assert.match(urls[0]!, /^http:\/\/localhost:8080\/400,q40,s[\w-]{43}=\/enc:[\w-]+$/);
  const remotes = urls.map((url) => {
    const request = parseRequest(url.replace("http://localhost:8080", ""), grammar);
    const signed = { signatureKeys: [encode("k")], signedOptionsOnly: true };
    assert.ok(isSigned(request, signed), url);
    return request.remoteUrl;
  });
  const expected = ["https://example.com/a.jpg?b", "photos:a.jpg", "https://example.com/a.jpg"];
  assert.deepEqual(remotes, expected);
  const again = await run(["sign", "-key", "k", ...KEYS, urls[0]!]);
  assert.equal(again.stdout.trim(), urls[0]);
});
