import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { type AccessPolicy, authorise, sign } from "../../src/request/access.ts";
import { ProxyError } from "../../src/errors.ts";
import { parsePresets } from "../../src/options/preset.ts";
import { parseRequest } from "../../src/request/image_request.ts";

const NOW = Date.UTC(2026, 0, 1);
const KEY = new TextEncoder().encode("secretkey");
const PRESETS = parsePresets(["avatar=100x100,sc", "hero=1200x,q80"]);

function decide(target: string, policy: Partial<AccessPolicy>, referer?: string): string {
  const request = parseRequest(target, { presets: PRESETS });
  try {
    const { signed } = authorise(request, { signatureKeys: [], ...policy }, { now: NOW, referer });
    return signed ? "signed" : "open";
  } catch (error) {
    assert.ok(error instanceof ProxyError);
    return error.code;
  }
}

/** A target whose options end in the signature of a message. */
function signedTarget(message: string, { url = "", options = "", key = "secretkey" }): string {
  const signature = createHmac("sha256", key).update(message).digest("base64url");
  return `/${options}${options && ","}s${signature}/${url}`;
}

const CAT = "https://octodex.github.com/images/codercat.jpg";

Deno.test("authorise() accepts the examples of the Go program's documentation and tool", () => {
  const policy = { signatureKeys: [KEY] };
  // The last two sign the URL alone, so that any options go with them.
  const rows = [
    `/400x400,q40,s0sR2kjyfiF1RQRj4Jm2fFa3_6SDFqdAaDEmy1oD2U-4=/${CAT}`,
    `/q40,400,s0sR2kjyfiF1RQRj4Jm2fFa3_6SDFqdAaDEmy1oD2U-4/${CAT}`,
    `/q40,400,s0sR2kjyfiF1RQRj4Jm2fFa3_6SDFqdAaDEmy1oD2U-4/${encodeURIComponent(CAT)}`,
    `/q40,400,s0sR2kjyfiF1RQRj4Jm2fFa3_6SDFqdAaDEmy1oD2U-4/${base64Url(CAT)}`,
    `/scw34eyalj8YvpLpETxSIxv2k8QkLel2UAR5Cku2FzGM=/${CAT}`,
    `/r90,100,scw34eyalj8YvpLpETxSIxv2k8QkLel2UAR5Cku2FzGM=/${CAT}`,
  ];
  for (const target of rows) assert.equal(decide(target, policy), "signed", target);
  assert.equal(
    sign(parseRequest(`/400,q40/${CAT}`), KEY),
    "0sR2kjyfiF1RQRj4Jm2fFa3_6SDFqdAaDEmy1oD2U-4",
  );
});

Deno.test("authorise() accepts a signature over the URL as sent and as the Go program prints it", () => {
  const host = "http://example.com";
  // The second column is what Go 1.26 prints for the first; both sign the same image.
  const rows: readonly (readonly [string, string])[] = [
    ["/a%20b", "/a%20b"],
    ["/a|b", "/a%7Cb"],
    ['/a"b', "/a%22b"],
    ["/\u00e9", "/%C3%A9"],
    ["/%c3%a9", "/%c3%a9"],
    ["/a^b`c{d}[e]", "/a%5Eb%60c%7Bd%7D%5Be%5D"],
    ["/it's(1)!*$&+,;=:@", "/it's(1)!*$&+,;=:@"],
    ["/it's|", "/it%27s%7C"],
    ["/a?", "/a"],
    ["", ""],
    ["?a=b", "?a=b"],
    ["/a/../b//c", "/a/../b//c"],
    ["/a%2Fb%7e", "/a%2Fb%7e"],
    ["/a\\b", "/a%5Cb"],
    ["/[1]%20", "/[1]%20"],
    ["/a#b?c", "/a%23b?c"],
    ["/<a>?q=|", "/%3Ca%3E?q=|"],
    ["/a%E9b", "/a%E9b"],
  ];
  for (const [sent, printed] of rows) {
    for (const signed of new Set([sent.replace("#", "%23"), printed])) {
      for (const [message, options] of [[signed, ""], [`${signed}#0x0,q40`, "q40"]] as const) {
        const target = signedTarget(host + message, { url: host + sent, options });
        assert.equal(decide(target, { signatureKeys: [KEY] }), "signed", `${sent} as ${message}`);
      }
    }
  }
});

Deno.test("authorise() accepts a signature over the options as they were written", () => {
  const url = "http://example.com/a?b";
  // Options as sent, and as signed.
  const rows: readonly (readonly [string, string])[] = [
    ["200x", "200x"],
    ["q40,200", "q40,200"],
    ["200,,fit", "200,,fit"],
    ["jpg,0.50x", "jpg,0.50x"],
    ["100,200", "100,200"],
    ["preset:avatar", "preset:avatar"],
    ["100%2Cr90", "100,r90"],
    ["x", "x"],
    ["", ""],
  ];
  for (const [options, signed] of rows) {
    const target = signedTarget(`${url}#${signed}`, { url, options });
    for (const signedOptionsOnly of [false, true]) {
      const policy = { signatureKeys: [KEY], signedOptionsOnly };
      assert.equal(decide(target, policy), "signed", target);
      assert.equal(decide(target.replace(/^\//, "/trim,"), policy), "forbidden", target);
    }
    // Wherever the signature stands among them, and whatever comes behind it.
    const [, signature] = /(s[\w-]{43})/.exec(target)!;
    const first = `/${signature}=${options && ","}${options}/${url}`;
    assert.equal(decide(first, { signatureKeys: [KEY] }), "signed", first);
  }
});

Deno.test("authorise() tells the log what a refused signature would have signed, letter for letter", () => {
  const cause = (target: string, policy: Partial<AccessPolicy>) => {
    try {
      authorise(parseRequest(target), { signatureKeys: [KEY], ...policy }, { now: NOW });
    } catch (error) {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.message, "The requested URL is not allowed");
      return error.cause;
    }
  };
  const signature = `s${"A".repeat(43)}`;
  const reason = "neither an allowed host nor a valid signature";
  const unsigned = `${reason}: it is the HMAC-SHA256 under no key of any of`;
  const b = "http://a.example/b";
  assert.equal(cause(`/200,q40/${b}`, {}), reason);
  assert.equal(
    cause(`/q40,${signature},200/${b}`, {}),
    `${unsigned} "${b}", "${b}#200x200,q40", "${b}#q40,200"`,
  );
  assert.equal(
    cause(`/${signature}/${b}%20|`, { signedOptionsOnly: true }),
    `${unsigned} "${b}%20|#0x0", "${b}%20|#", "${b}%2520%7C#0x0", "${b}%2520%7C#"`.replaceAll(
      "%2520",
      "%20",
    ),
  );
});

Deno.test("authorise() refuses what no key has signed", () => {
  const url = "http://example.com/a/b";
  const rows: readonly (readonly [message: string, Record<string, string>])[] = [
    [url, { url: `${url}?more` }],
    [url, { url: `${url}/` }],
    [url, { url: "http://example.com/a%2Fb" }],
    ["http://example.com/a/b%7C", { url: "http://example.com/a%2Fb|" }],
    [url, { url, key: "other" }],
    [url, { url, key: "" }],
    [`${url}#100x100`, { url, options: "101" }],
    [`${url}#100x100`, { url, options: "100,q40" }],
    // A signature that covers options must not become one of a URL with a fragment.
    [`${url}#100x100`, { url: encodeURIComponent(`${url}#100x100`), options: "999" }],
    [`${url}#100x100`, { url: base64Url(`${url}#100x100`), options: "999" }],
    [`${url}#100x100`, { url: `${url}#100x100`, options: "999" }],
  ];
  for (const [message, request] of rows) {
    const target = signedTarget(message, request);
    assert.equal(decide(target, { signatureKeys: [KEY] }), "forbidden", target);
  }
});

Deno.test("authorise() takes only signatures of the options where a setting says so", () => {
  const url = "http://example.com/a";
  const policy = { signatureKeys: [KEY], signedOptionsOnly: true };
  const rows = [
    [signedTarget(url, { url, options: "100" }), "forbidden"],
    [signedTarget(url, { url }), "forbidden"],
    [signedTarget(`${url}#0x0`, { url }), "signed"],
    [signedTarget(`${url}#100x100`, { url, options: "100" }), "signed"],
  ] as const;
  for (const [target, decision] of rows) assert.equal(decide(target, policy), decision, target);
});

Deno.test("authorise() weighs expiry, referrer, denied and allowed hosts, and signatures in that order", () => {
  const url = "http://example.com/a";
  const isAllowedHost = (host: string) => host === "example.com";
  const isDeniedHost = isAllowedHost;
  const isReferrer = (host: string) => host === "page.example";
  const signed = signedTarget(url, { url });
  const page = "https://page.example/gallery?a=b";
  const seconds = NOW / 1000;
  const rows: readonly (readonly [string, Partial<AccessPolicy>, string | undefined, string])[] = [
    [`/x/${url}`, {}, undefined, "open"],
    [`/x/${url}`, { isAllowedHost }, undefined, "open"],
    [`/x/http://other.example/`, { isAllowedHost }, undefined, "forbidden"],
    [`/x/${url}`, { signatureKeys: [KEY] }, undefined, "forbidden"],
    [`/x/${url}`, { isAllowedHost, signatureKeys: [KEY] }, undefined, "open"],
    [signed, { isAllowedHost: () => false, signatureKeys: [KEY] }, undefined, "signed"],
    [signed, { isAllowedHost: () => false }, undefined, "forbidden"],
    [signed, { isDeniedHost, signatureKeys: [KEY] }, undefined, "forbidden"],
    [`/x/${url}`, { isDeniedHost, isAllowedHost }, undefined, "forbidden"],
    [`/x/${url}`, { isReferrer }, page, "open"],
    [`/x/${url}`, { isReferrer }, undefined, "forbidden"],
    [`/x/${url}`, { isReferrer }, "", "forbidden"],
    [`/x/${url}`, { isReferrer }, "page.example", "forbidden"],
    [`/x/${url}`, { isReferrer }, "https://page.example@evil.example/", "forbidden"],
    [`/x/${url}`, { isReferrer }, "https://evil.example/?page.example", "forbidden"],
    [signed, { isReferrer, signatureKeys: [KEY] }, undefined, "forbidden"],
    [`/vu${seconds}/${url}`, {}, undefined, "expired"],
    [`/vu${seconds + 1}/${url}`, {}, undefined, "open"],
    [`/vu${seconds - 1}/${url}`, { isDeniedHost }, undefined, "expired"],
  ];
  for (const [target, policy, referer, decision] of rows) {
    assert.equal(decide(target, policy, referer), decision, `${target} from ${referer}`);
  }
});

Deno.test("authorise() keeps unsigned requests to the permitted sizes", () => {
  const url = "http://example.com/a";
  const policy = { sizes: new Set(["100x100", "200x0", "0x0.5"]), signatureKeys: [KEY] };
  const rows: readonly (readonly [string, string])[] = [
    ["100", "open"],
    ["100x100,q40,fit", "open"],
    ["200x", "open"],
    ["x0.5", "open"],
    ["", "open"],
    ["0x0", "open"],
    ["101", "forbidden"],
    ["200x200", "forbidden"],
    ["100,200x", "forbidden"],
    ["cw100,ch100", "forbidden"],
    ["100,dpr:2", "forbidden"],
    ["100,blur:1.5", "forbidden"],
    ["100x100,sc,r90,fv,fh,webp", "open"],
    ["100,quality:auto", "open"],
    ["100,quality:auto:0.98", "forbidden"],
    ["100,frame:0", "open"],
    ["100,frame:1", "forbidden"],
    ["100,overlay:aHR0cHM6Ly9leGFtcGxlLmNvbS9sLnBuZw", "forbidden"],
    ["preset:avatar", "open"],
    ["preset:avatar,101", "forbidden"],
  ];
  for (const [options, decision] of rows) {
    const allowed = { ...policy, isAllowedHost: () => true };
    assert.equal(decide(`/${options}/${url}`, allowed), decision, options);
    assert.equal(decide(signedTarget(url, { url, options }), allowed), "signed", options);
  }
});

Deno.test("authorise() keeps unsigned requests to presets where a setting says so", () => {
  const url = "http://example.com/a";
  const policy = { presetsOnly: true, signatureKeys: [KEY], isAllowedHost: () => true };
  const rows: readonly (readonly [string, string])[] = [
    ["preset:avatar", "open"],
    ["preset:avatar,vu9999999999", "open"],
    ["preset:avatar,preset:hero", "open"],
    ["preset:avatar,q40", "forbidden"],
    ["100x100,sc", "forbidden"],
    ["", "forbidden"],
    ["0x0", "forbidden"],
  ];
  for (const [options, decision] of rows) {
    assert.equal(decide(`/${options}/${url}`, policy), decision, options);
    assert.equal(decide(signedTarget(url, { url, options }), policy), "signed", options);
  }
  assert.equal(decide(`/${url}`, policy), "forbidden");
});

Deno.test("authorise() takes a signature over the names of presets, whatever they mean", () => {
  const url = "http://example.com/a";
  const policy = { signatureKeys: [KEY], signedOptionsOnly: true };
  const signed = signedTarget(`${url}#0x0,preset:avatar`, { url, options: "preset:avatar" });
  assert.equal(decide(signed, policy), "signed");
  const expanded = signedTarget(`${url}#100x100,sc`, { url, options: "preset:avatar" });
  assert.equal(decide(expanded, policy), "forbidden");
});

function base64Url(text: string): string {
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
