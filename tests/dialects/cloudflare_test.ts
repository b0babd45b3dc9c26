import assert from "node:assert/strict";
import { parseMounts } from "../../src/dialects/mounts.ts";
import { planShape, resultSize } from "../../src/image/plan/shape.ts";
import { parseOptions } from "../../src/options/parse.ts";
import { testRows } from "../testing/dialect_rows.ts";
import { ownForm } from "../testing/dialects.ts";

testRows("cloudflare", {
  url: (options) => `${options}/https://images.example.com/a.jpg`,
  remote: "https://images.example.com/a.jpg",
  defaults: ["meta:copyright", "q85"],
  rows: [
    // The examples of Cloudflare's documentation.
    ["width=80,quality=75", "80x0,q75"],
    ["fit=scale-down,width=1920", "1920x0"],
    ["fit=contain,width=960", "960x0,scaleUp"],
    ["width=300,height=200,dpr=2", "300x200,dpr:2,fit,gravity:c"],
    ["f=auto", "0x0,auto"],
    ["q=50", "0x0,q50"],
    ["g=auto,fit=cover,w=80,h=60", "80x60,sc,scaleUp"],
    ["background=red", "0x0,bg:ff0000"],
    ["background=rgb%28240%2C40%2C145%29", "0x0,bg:f02891"],
    ["background=rgba(255 255 0 100)", "0x0,bg:ffff00"],
    ["trim=20;0;0;10", "0x0,cx10,cy20"],
    ["trim.width=678,trim.height=678,trim.left=30,trim.top=40", "0x0,ch678,cw678,cx30,cy40"],
    ["trim.left=30,trim.top=40,dpr=2,width=100", "100x0,cx60,cy80,dpr:2"],
    ["format=webp,quality=100", "0x0,lossless,q100,webp"],
    ["width=1920,height=1120,fit=aspect-crop,gravity=top", "1920x0,ar:12:7,gravity:n"],
    ["width=80", "80x0"],
    ["w=80,h=60", "80x60,fit,gravity:c"],
    ["width=80,height=60,fit=scale-down", "80x60,fit,gravity:c"],
    ["width=80,height=60,fit=contain", "80x60,fit,gravity:c,scaleUp"],
    ["width=80,fit=contain", "80x0,scaleUp"],
    ["width=80,height=60,fit=cover", "80x60,gravity:c,scaleUp"],
    ["width=80,height=60,fit=crop", "80x60,gravity:c"],
    ["width=80,height=60,fit=pad", "80x60,bg:ffffff,gravity:c,pad,scaleUp"],
    ["width=80,height=60,fit=pad,background=%23f80", "80x60,bg:ff8800,gravity:c,pad,scaleUp"],
    ["width=80,height=60,fit=squeeze", "80x60,fit:stretch,gravity:c,scaleUp"],
    ["width=80,height=60,fit=crop,gravity=auto", "80x60,sc"],
    ["width=80,height=60,fit=crop,gravity=left", "80x60,gravity:w"],
    ["width=80,height=60,fit=crop,gravity=0.5x0.2", "80x60,focus:0.5:0.2"],
    ["width=80,height=60,fit=crop,gravity=0x1", "80x60,focus:0:1"],
    ["width=80,dpr=2", "80x0,dpr:2"],
    ["quality=50", "0x0,q50"],
    ["quality=low", "0x0,q50"],
    ["format=auto", "0x0,auto"],
    ["format=baseline-jpeg", "0x0,jpeg"],
    ["format=json", "0x0,info"],
    ["anim=false", "0x0,frame:0"],
    ["background=rgb(240 40 145)", "0x0,bg:f02891"],
    ["background=rgba(240,40,145,0.5)", "0x0,bg:f0289180"],
    ["blur=50", "0x0,blur:25"],
    ["sharpen=2", "0x0,sharpen:2"],
    ["brightness=2", "0x0,brightness:50"],
    ["brightness=1", "0x0"],
    ["contrast=0.5", "0x0,contrast:-50"],
    ["saturation=0", "0x0,saturation:-100"],
    ["gamma=2", "0x0,gamma:2"],
    ["rotate=90", "0x0,r270"],
    // The sides are those after turning; what is mirrored first is mirrored along the other axis.
    ["rotate=90,width=80,height=60,fit=crop,gravity=top", "60x80,gravity:w,r270"],
    ["flip=h", "0x0,fh"],
    ["flip=h,rotate=90", "0x0,fv,r270"],
    ["flip=hv", "0x0,fh,fv"],
    ["trim=border", "0x0,trim:10"],
    ["metadata=keep", "0x0,meta:keep"],
    ["metadata=none", "0x0"],
    ["onerror=redirect,compression=fast,scq=50", "0x0"],
  ],
  refused: [
    ["width=auto", /nothing like the option "width=auto"/],
    ["fit=round", /fit is one of scale-down/],
    ["gravity=face", /the nearest is gravity=auto/],
    ["gravity=up", /gravity is auto, left/],
    ["format=jxl", /nothing like/],
    ["trim=1;2;3;4", /the nearest is trim\.width/],
    ["trim=1;2", /trim takes border, or/],
    ["border=1", /the nearest is border:\{width\}/],
    ["nope=1", /there is no such option/],
  ],
});

Deno.test("cloudflare's pictures have the sizes that its documentation shows", () => {
  const [mount] = parseMounts(["cloudflare"]);
  const rows = [
    ["width=500,height=500", "1080x720", "500x333"],
    ["width=2000,height=2000,fit=scale-down", "1080x720", "1080x720"],
    ["width=500,height=500,fit=cover", "1080x720", "500x500"],
    ["width=1296,height=1296,fit=crop", "1080x720", "1080x720"],
    ["width=500,height=500,fit=crop", "1080x720", "500x500"],
    ["width=1920,height=1120,fit=aspect-crop", "612x613", "612x357"],
    ["width=1080,height=1080,fit=pad", "1080x720", "1080x1080"],
    ["width=1080,height=540,fit=squeeze", "1080x720", "1080x540"],
    ["width=1080,height=540,fit=squeeze", "1080x1080", "1080x540"],
    ["width=300,height=200,dpr=2", "3000x2000", "600x400"],
  ] as const;
  for (const [text, picture, expected] of rows) {
    const options = parseOptions(ownForm(mount!, `${text}/https://h.example/a.jpg`).options);
    const [width = 0, height = 0] = picture.split("x").map(Number);
    const plan = planShape(options, { width, height }, { scaleUp: true });
    const size = resultSize(plan, options);
    assert.equal(`${size.width}x${size.height}`, expected, `${text} of ${picture}`);
  }
});

Deno.test("cloudflare's source is what follows, with its query", () => {
  const [mount] = parseMounts(["cloudflare"]);
  const rows = [
    ["https://images.example.com/a.jpg?v=1", "https://images.example.com/a.jpg?v=1"],
    ["https:/images.example.com/a/../b%2Fc.jpg", "https://images.example.com/a/../b%2Fc.jpg"],
  ] as const;
  for (const [source, remote] of rows) {
    assert.equal(ownForm(mount!, `width=80/${source}`).remote, remote, source);
  }
});
