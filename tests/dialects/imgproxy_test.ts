import assert from "node:assert/strict";
import { parseMounts } from "../../src/dialects/mounts.ts";
import { ownForm, refusal } from "../testing/dialects.ts";

const [MOUNT] = parseMounts(["imgproxy"]);
const SOURCE = "plain/https://images.example.com/a.jpg";

// The options of the path, and this program's: in canonical form, without the `frame:0,q80` that all have.
const ROWS: readonly (readonly [string, string])[] = [
  ["", "0x0"],
  ["rs:fit:300:200", "300x200,fit,reckon:imgproxy"],
  ["rs:fill:300:200", "300x200,gravity:c"],
  ["resize:fill-down:300:200", "300x0,ar:3:2,gravity:c"],
  ["rs:force:300:200", "0x0,reckon:imgproxy,resize:force:300:200"],
  ["rs:auto:300:200", "0x0,reckon:imgproxy,resize:auto:300:200"],
  ["rs::300", "300x0,reckon:imgproxy"],
  ["rs:fill:300:200:1", "300x200,gravity:c,scaleUp"],
  ["rs:fit:300:200:0:1", "0x0,basic:png,extend:c,reckon:imgproxy,resize:fit:300:200"],
  ["s:300:200:0:1:so:0:10", "0x0,basic:png,extend:s:0:10,reckon:imgproxy,resize:fit:300:200"],
  ["w:300", "300x0,reckon:imgproxy"],
  ["h:200", "0x200,reckon:imgproxy"],
  ["w:300/h:200/rt:fill", "300x200,gravity:c"],
  ["w:300/w:100", "100x0,reckon:imgproxy"],
  ["w:300/mw:400/mh:50", "0x0,reckon:imgproxy,resize:fit:300:0:1:1:1:400:50"],
  ["w:300/z:1.5", "0x0,reckon:imgproxy,resize:fit:300:0:1.5:1.5"],
  ["z:0.5:0.5", "0x0,reckon:imgproxy,resize:fit:0:0:0.5:0.5"],
  ["w:300/dpr:2", "0x0,reckon:imgproxy,resize:fit:300:0:1:1:2"],
  ["w:300/dpr:0.5", "0x0,reckon:imgproxy,resize:fit:300:0:1:1:0.5"],
  ["dpr:2", "0x0,reckon:imgproxy,resize:fit:0:0:1:1:2"],
  ["dpr:2/el:1", "0x0,reckon:imgproxy,resize:fit:0:0:1:1:2,scaleUp"],
  ["rs:fill:300:200/g:no", "300x200,gravity:n"],
  ["rs:fill:300:200/g:soea:10:0.1", "300x200,gravity:se:10:0.1"],
  ["rs:fill:300:200/g:sm", "300x200,sc"],
  ["rs:fill:300:200/g:fp:0.3:0.7", "300x200,focus:0.3:0.7"],
  ["c:400:0", "0x0,crop:400x0:c"],
  // Loading shrinks what is cropped, too.
  ["c:400:0/rs:fill:30:20", "0x0,crop:400x0:c,reckon:imgproxy,resize:fill:30:20"],
  ["c:400:200:nowe:10:20", "0x0,crop:400x200:nw:10:20"],
  ["c:0.5:0.5:fp:0.25:0.75", "0x0,crop:0.5x0.5:c:-0.25:0.25"],
  ["c:400:200/g:no", "0x0,crop:400x200:n"],
  ["t:20", "0x0,trim:20"],
  ["rs:fill:30:20/z:2:0.5", "0x0,reckon:imgproxy,resize:fill:30:20:2:0.5"],
  ["w:30/exar:1:no", "0x0,extendratio:n,reckon:imgproxy,resize:fit:30:0"],
  ["rs:fit:30:20/mw:5/rot:90", "0x0,r270,reckon:imgproxy,resize:fit:20:30:1:1:1:0:5"],
  ["pd:1:2:3:4/rot:90", "0x0,basic:png,padding:2:3:4:1,r270"],
  ["ar:0", "0x0,noTurn"],
  ["pd:10:20", "0x0,basic:png,padding:10:20:10:20"],
  ["pd:10::30", "0x0,basic:png,padding:10:10:30:10"],
  // The sides and gravities are those of the picture as it is turned in the end.
  ["rot:90", "0x0,r270"],
  ["rot:-90", "0x0,r90"],
  ["rot:450", "0x0,r270"],
  ["rot:180", "0x0,r180"],
  ["rs:fill:300:200/rot:90", "200x300,gravity:c,r270"],
  ["rs:fill:300:200/rot:90/g:no", "200x300,gravity:w,r270"],
  ["rs:fill:300:200/rot:90/g:noea:10:20", "200x300,gravity:nw:20:10,r270"],
  ["rs:fill:300:200/rot:180/g:noea:10:20", "300x200,gravity:sw:10:20,r180"],
  ["rs:fill:300:200/rot:270/g:ea", "200x300,gravity:s,r90"],
  ["rs:fill:300:200/rot:90/g:fp:0.2:0.3", "200x300,focus:0.3:0.8,r270"],
  ["rs:fill:300:200/fl:1/g:we", "300x200,fh,gravity:e"],
  ["rs:fill:300:200/fl:0:1/g:nowe", "300x200,fv,gravity:sw"],
  ["c:400:200/rot:90", "0x0,crop:200x400:c,r270"],
  ["fl:1:1", "0x0,fh,fv"],
  ["bg:255:128:0", "0x0,basic:jpeg,bg:ff8000"],
  ["bg:0AF", "0x0,basic:jpeg,bg:00aaff"],
  ["bg:fff/bg:", "0x0"],
  ["bl:2.5", "0x0,blur:2.5"],
  ["sh:0.7", "0x0,sharpen:0.7"],
  ["bl:0", "0x0"],
  ["pix:10", "0x0,pixelate:10"],
  ["sm:0", "0x0,meta:keep"],
  ["kcr:1", "0x0,meta:copyright"],
  ["scp:0", "0x0,icc:keep"],
  ["wm:0.5", "0x0,overlay:watermark:c:0:0:0:0.5"],
  ["wm:1:soea:10:20", "0x0,overlay:watermark:se:10:20"],
  ["wm:1:we:-5:0.1:0.25", "0x0,overlay:watermark:w:-5:0.1:0.25"],
  ["watermark:0.3:re:10:10:0.1", "0x0,overlay:watermark:tile:10:10:0.1:0.3"],
  ["wmt:SGk", "0x0"],
  ["wmt:SGk/wm:0.5:soea:10:0.1", "0x0,text:SGk:se:10:0.1:16:00000080"],
  ["wm:1:re:20:10/watermark_text:16nXnNeV150", "0x0,text:16nXnNeV150:tile:20:10:16"],
  ["wm:1::::1", "0x0,overlay:watermark:c:0:0:0.9999"],
  ["wm:0:ce/wmu:aHR0cHM6Ly9hLmV4YW1wbGUvYi5wbmc=", "0x0"],
  [
    "wm:1:no/wmu:aHR0cHM6Ly9hLmV4YW1wbGUvYi5wbmc=",
    "0x0,overlay:aHR0cHM6Ly9hLmV4YW1wbGUvYi5wbmc:n",
  ],
  ["wm:0.5/wm:0", "0x0"],
  ["fiu:aHR0cHM6Ly9hLmV4YW1wbGUvYi5wbmc=", "0x0,fallback:aHR0cHM6Ly9hLmV4YW1wbGUvYi5wbmc"],
  ["fallback_image_url:aHR0cHM6Ly9hLmV4YW1wbGUvYi5wbmc/fiu:", "0x0"],
  ["mb:20000", "0x0,maxbytes:20000"],
  ["f:webp", "0x0,webp"],
  ["exp:1800000000", "0x0,vu1800000000"],
  ["fn:holiday/att:1", "0x0,download,filename:holiday"],
  ["fn:aG9saWRheS5qcGc:1", "0x0,filename:holiday"],
  ["pr:avatar", "0x0,preset:avatar"],
];

Deno.test("imgproxy's options become those of this program", () => {
  for (const [options, ours] of ROWS) {
    const { options: read, remote } = ownForm(MOUNT!, `_/${options && `${options}/`}${SOURCE}`);
    const usual = ["frame:0", "q80", "basic", "noScaleUp"];
    const rest = read.split(",").filter((token) => !usual.includes(token)).join();
    assert.equal(rest, ours, options);
    assert.equal(remote, "https://images.example.com/a.jpg", options);
  }
});

Deno.test("imgproxy's qualities are those of the format that the URL names", () => {
  const rows = [
    ["q:50", "q50"],
    ["q:50/q:0", "q80"],
    ["fq:jpg:70:webp:60", "q80"],
    ["fq:jpg:70:webp:60/f:webp", "q60"],
    ["fq:webp:60/f:webp/q:90", "q90"],
  ] as const;
  for (const [options, quality] of rows) {
    const { options: read } = ownForm(MOUNT!, `_/${options}/${SOURCE}`);
    assert.ok(read.split(",").includes(quality), `${options}: ${read}`);
  }
});

Deno.test("imgproxy's sources are read in each of their forms", () => {
  const url = "https://images.example.com/a b.jpg?x=1&y=2";
  const base64 = btoa(url).replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_");
  const rows: readonly (readonly [string, string, string?])[] = [
    [`plain/${encodeURIComponent(url)}`, url],
    [`plain/${encodeURIComponent(url)}@png`, url, "png"],
    [`plain/https:/images.example.com/a.jpg`, "https://images.example.com/a.jpg"],
    [
      `plain/https://images.example.com/a%40b.jpg@avif`,
      "https://images.example.com/a@b.jpg",
      "avif",
    ],
    [base64, url],
    [`${base64}.webp`, url, "webp"],
    [`${base64.slice(0, 16)}/${base64.slice(16, 30)}/${base64.slice(30)}.jpg`, url, "jpeg"],
  ];
  for (const [source, remote, format] of rows) {
    const read = ownForm(MOUNT!, `_/w:100/${source}`);
    assert.equal(decodeURI(read.remote), decodeURI(new URL(remote).href), source);
    if (format) assert.ok(read.options.split(",").includes(format), source);
  }
});

Deno.test("imgproxy's URLs that cannot be read are refused by name", () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ["_/rs:fill:a:b/plain/https://h/a", /"rs:fill:a:b": width takes a whole number/],
    ["_/rs:crop:1:2/plain/https://h/a", /resizing type is one of fit, fill/],
    ["_/nope:1/plain/https://h/a", /"nope:1": there is no such option/],
    ["_/wmt:$/plain/https://h/a", /the text of a watermark is in base64url/],
    ["_/wmt:PGI-SGk8L2I-/plain/https://h/a", /nothing like.*; the nearest is text without markup/],
    ["_/wmt:SGk/wm:1:ce:0:0:0.5/plain/https://h/a", /the nearest is one without a scale/],
    ["_/wmsh:1/plain/https://h/a", /nothing like the option "wmsh:1"/],
    ["_/wm:1.5/plain/https://h/a", /"wm:1\.5": the opacity of a watermark is a number/],
    ["_/wm:1:xx/plain/https://h/a", /the position of a watermark is one of ce, no, .*, re/],
    ["_/wm:1:ce:a/plain/https://h/a", /offsets and scale of a watermark are numbers/],
    ["_/wm:1:ce:0:0:2/plain/https://h/a", /the nearest is a scale of at most 1/],
    ["_/wmu:$/plain/https://h/a", /the URL of a watermark is in base64url/],
    ["_/fiu:$/plain/https://h/a", /the URL of a fallback image is in base64url/],
    ["_/br:10/plain/https://h/a", /nothing like the option "br:10"; the nearest is brightness/],
    ["_/g:xx/plain/https://h/a", /gravity is one of ce, no/],
    ["_/rot:45/plain/https://h/a", /multiple of 90/],
    ["_/bg:zz/plain/https://h/a", /hex digits/],
    ["_/z:2:3:4/plain/https://h/a", /one factor/],
    ["_/f:heic/plain/https://h/a", /nothing like.*jpg, jpeg, png/],
    ["_/plain/", /no source/],
    ["_/w:100/plain/https://h/a@png@jpg", /several extensions/],
    ["_/enc/abc", /enc:\{token\}/],
    ["w:100/plain/https://h/a", /\/\{signature\}\/\{options\}/],
    ["", /\/\{signature\}\/\{options\}/],
  ];
  for (const [path, sentence] of rows) {
    assert.match(refusal(() => ownForm(MOUNT!, path)), sentence, path);
  }
  const lenient = ownForm(MOUNT!, "_/nope:1/w:100/wmsh:1/plain/https://h/a", {
    ignoreUnknown: true,
  });
  assert.match(lenient.options, /^100x0,/);
});

// From imgproxy's documentation, docs/usage/signing_url.mdx.
const KEY = "736563726574:68656C6C6F";
const SIGNED = "oKfUtW34Dvo2BGQehJFR4Nr0_rIjOtdtzJ3QFsUcXH8" +
  "/rs:fill:300:400:0/g:sm/aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.png";

Deno.test("imgproxy's own example of a signature is valid, and no altered one is", () => {
  const [mount] = parseMounts(["imgproxy"], [`imgproxy=${KEY}`]);
  const { options, remote, signed } = ownForm(mount!, SIGNED);
  assert.equal(options, "300x400,frame:0,noScaleUp,png,q80,sc");
  assert.equal(remote, "http://example.com/images/curiosity.jpg");
  assert.ok(signed);
  // A proxy on the way may have encoded the colons.
  assert.ok(ownForm(mount!, SIGNED.replaceAll(":", "%3A")).signed);
  const altered = [
    SIGNED.replace("300", "301"),
    SIGNED.replace(".png", ".jpg"),
    SIGNED.replace("oKf", "oKg"),
    SIGNED.replace(/^[^/]*/, "unsafe"),
  ];
  for (const path of altered) {
    assert.match(refusal(() => ownForm(mount!, path)), /only signed/, path);
  }
});
