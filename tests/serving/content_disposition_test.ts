import assert from "node:assert/strict";
import fc from "fast-check";
import { contentDisposition } from "../../src/serving/content_disposition.ts";

Deno.test("contentDisposition() names the file after the URL's last segment and the picture's type", () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ["/a/cat.jpg", "image/jpeg", 'filename="cat.jpg"'],
    ["/a/cat.jpeg?x=/y.png", "image/webp", 'filename="cat.webp"'],
    ["/cat.v2", "image/png", 'filename="cat.v2.png"'],
    ["/", "image/png", 'filename="image.png"'],
    ["", "image/gif", 'filename="image.gif"'],
    ["/.jpg", "image/jpeg", 'filename="image.jpg"'],
    ["/.htaccess", "image/jpeg", 'filename="htaccess.jpg"'],
    ["/a%22%3b%0d%0ab.jpg", "image/jpeg", 'filename="a____b.jpg"'],
    ["/..%2f..%5cetc", "image/jpeg", 'filename="_.._etc.jpg"'],
    ["/a<b>|c.exe", "image/jpeg", 'filename="a_b__c.exe.jpg"'],
    ["/%e2%80%aegpj.exe", "image/jpeg", 'filename="_gpj.exe.jpg"'],
    ["/%zz.png", "image/png", 'filename="_zz.png"'],
    ["/k%C3%A4se.png", "image/png", "filename=\"k_se.png\"; filename*=UTF-8''k%C3%A4se.png"],
    ["/doc.pdf", "application/pdf", 'filename="doc.pdf"'],
    [`/${"a".repeat(500)}.png`, "image/jpeg", `filename="${"a".repeat(100)}.jpg"`],
  ];
  for (const [path, mediaType, expected] of rows) {
    assert.equal(
      contentDisposition({ url: `https://example.com${path}`, mediaType }),
      `inline; ${expected}`,
    );
  }
});

Deno.test("contentDisposition() is one harmless header whatever the URL", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.boolean(), (text, encode) => {
      const url = `http://example.com/${encode ? encodeURIComponent(text.toWellFormed()) : text}`;
      const value = contentDisposition({ url, mediaType: "image/png" });
      assert.match(
        value,
        /^inline; filename="[\w ()+,=@~.-]+\.png"(?:; filename\*=UTF-8''[\w.~!%-]+\.png)?$/,
      );
      assert.doesNotMatch(value, /="[. ]/);
    }),
    { numRuns: 2000 },
  );
});
