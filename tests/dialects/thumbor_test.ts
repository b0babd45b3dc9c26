import assert from "node:assert/strict";
import { parseMounts } from "../../src/dialects/mounts.ts";
import { testRows } from "../testing/dialect_rows.ts";
import { ownForm, refusal } from "../testing/dialects.ts";

const LOGO = "https://images.example.com/logo.png";
const LOGO_64 = "aHR0cHM6Ly9pbWFnZXMuZXhhbXBsZS5jb20vbG9nby5wbmc";

testRows("thumbor", {
  url: (options) => `unsafe/${options && `${options}/`}https%3A%2F%2Fimages.example.com%2Fa.jpg`,
  remote: "https://images.example.com/a.jpg",
  defaults: ["q80"],
  rows: [
    ["", "0x0"],
    ["300x200", "300x200,gravity:c,scaleUp"],
    ["300x", "300x0,evenhalves,scaleUp"],
    ["x200", "0x200,evenhalves,scaleUp"],
    ["300x0", "300x0,evenhalves,scaleUp"],
    ["300xorig", "300x0,evenhalves,scaleUp"],
    ["-300x-200", "300x200,fh,fv,gravity:c,scaleUp"],
    ["-0x0", "0x0,fh"],
    ["fit-in/300x200", "300x200,fit"],
    // With fit-in the picture is fitted to what the other side has been rounded to.
    ["fit-in/300x", "300x0,evenhalves,fit"],
    ["full-fit-in/x200", "0x200,evenhalves,fit:outside,scaleUp"],
    ["full-fit-in/300x200", "300x200,fit:outside,scaleUp"],
    ["adaptive-fit-in/300x200", "300x200,adapt,fit"],
    ["fit-in/300x200/filters:fill(red)", "300x200,bg:ff0000,pad"],
    ["fit-in/300x200/filters:upscale()", "300x200,fit,scaleUp"],
    ["300x200/filters:no_upscale()", "300x200,gravity:c,scaleUp,within:sides"],
    ["300x200/filters:stretch()", "300x200,fit:stretch,scaleUp"],
    ["300x200/left/top", "300x200,gravity:nw,scaleUp"],
    ["300x200/right", "300x200,gravity:e,scaleUp"],
    ["300x200/bottom", "300x200,gravity:s,scaleUp"],
    ["300x200/center/middle/smart", "300x200,sc,scaleUp"],
    ["10x20:110x220", "0x0,ch200,cw100,cx10,cy20"],
    ["10x20:110x220/50x50", "50x50,ch200,cw100,cx10,cy20,gravity:c,scaleUp"],
    ["trim", "0x0,trim"],
    ["trim:50/300x200", "300x200,gravity:c,scaleUp,trim:50"],
    ["trim:top-left:20", "0x0,trim:20"],
    ["filters:quality(40)", "0x0,q40"],
    ["filters:format(webp)", "0x0,webp"],
    ["filters:grayscale():brightness(10):contrast(-20)", "0x0,brightness:10,contrast:-20,gray"],
    ["filters:blur(7)", "0x0,blur:7"],
    ["filters:blur(7,3)", "0x0,blur:3"],
    ["filters:saturation(1.5)", "0x0,saturation:50"],
    ["filters:sharpen(2,1.0,true)", "0x0,sharpen:1"],
    ["filters:round_corner(20,255,255,255)", "0x0,bg:ffffff,radius:20"],
    ["filters:round_corner(20|30,0,0,0,1)", "0x0,radius:20"],
    ["filters:rotate(90)", "0x0,r90"],
    ["filters:proportion(0.5)", "0x0,proportion:0.5"],
    ["300x200/filters:focal(10x10:20x40)", "300x200,point:15:25,scaleUp"],
    ["adaptive-full-fit-in/300x200", "300x200,adapt,fit:outside,scaleUp"],
    ["adaptive-fit-in/300x200/filters:fill(red)", "300x200,adapt,bg:ff0000,pad"],
    ["fit-in/300x/filters:upscale()", "300x0,evenhalves,fit"],
    ["fit-in/300x200/filters:upscale()", "300x200,fit,scaleUp"],
    ["full-fit-in/300x200/filters:no_upscale()", "300x200,fit:outside,scaleUp,within:sides"],
    ["fit-in/300x200/filters:no_upscale()", "300x200,fit,within:sides"],
    ["fit-in/300x200/filters:fill(red):no_upscale()", "300x200,bg:ff0000,pad,within:sides"],
    ["fit-in/300x/filters:fill(red):no_upscale()", "300x0,bg:ff0000,evenhalves,fit,within:sides"],
    ["fit-in/300x/filters:fill(red)", "0x0,bg:ff0000,evenhalves,extend:c,fit,resize:fit:300:0"],
    ["trim:bottom-right:20", "0x0,trim:20:se"],
    ["-300x/filters:rotate(90)", "300x0,evenhalves,fv,r90,scaleUp"],
    [`filters:watermark(${LOGO},10,20,50)`, `0x0,overlay:${LOGO_64}:nw:10:20:0:0.5`],
    [`filters:watermark(${LOGO},-10,-20,0)`, `0x0,overlay:${LOGO_64}:se:10:20`],
    [`filters:watermark(${LOGO},center,center,0)`, `0x0,overlay:${LOGO_64}`],
    [`filters:watermark(${LOGO},-0,0,25)`, `0x0,overlay:${LOGO_64}:ne:0:0:0:0.75`],
    [`filters:watermark(${LOGO},10p,-5p,0,20)`, `0x0,overlay:${LOGO_64}:sw:0.1:0.05:0.2`],
    [`filters:watermark(${LOGO},center,-5,0,100,none)`, `0x0,overlay:${LOGO_64}:s:0:5:0.9999`],
    [`filters:watermark(${LOGO},repeat,repeat,80,20)`, `0x0,overlay:${LOGO_64}:tile:0:0:0.2:0.2`],
    ["filters:watermark(images.example.com%2Flogo.png)", `0x0,overlay:${LOGO_64}:nw`],
    [
      `filters:watermark(${LOGO},0,0,0):grayscale():watermark(${LOGO},-0,0,0)`,
      `0x0,gray,overlay2:${LOGO_64}:ne,overlay:${LOGO_64}:nw`,
    ],
    ["filters:max_bytes(40000)", "0x0,maxbytes:40000"],
    ["filters:background_color(fff)", "0x0,bg:ffffff"],
    ["filters:cover()", "0x0,frame:0"],
    ["filters:strip_exif():strip_icc():max_age(60)", "0x0"],
    ["300x200/filters:focal(0.25x0.25:0.75x0.5)", "300x200,focus:0.5:0.375,scaleUp"],
  ],
  refused: [
    ["300x200/filters:frame(http://h/a.png)", /nothing like the option "frame/],
    [`filters:watermark(${LOGO},repeat,0,0)`, /the nearest is repeat in both directions/],
    [`filters:watermark(${LOGO},0,0,0,none,50)`, /the nearest is the ratio of the width alone/],
    [`filters:watermark(${LOGO},0,0,101)`, /alpha is a number from 0 to 100/],
    [`filters:watermark(${LOGO},x,0,0)`, /x and y are pixels, percents/],
    [`filters:watermark(${LOGO},0,0,0,0)`, /a percentage from 1 to 100/],
    ["filters:watermark()", /watermark takes an image first/],
    [`filters:${Array(5).fill(`watermark(${LOGO},0,0,0)`).join(":")}`, /the nearest is 4 of them/],
    ["filters:focal(-1x10:20x30)", /in pixels or shares/],
    ["filters:equalize()", /the nearest is normalize/],
    ["filters:quality(101)", /quality takes a whole number/],
    ["filters:nope()", /there is no such option/],
  ],
});

// From thumbor's documentation, docs/libraries.rst: what every library of its clients must sign.
Deno.test("thumbor's own example of a signature is valid, and no altered one is", () => {
  const [mount] = parseMounts(["thumbor"], ["thumbor=my-security-key"]);
  const signature = "8ammJH8D-7tXy6kU3lTvoXlhu4o=";
  const path = "300x200/my.server.com/some/path/to/image.jpg";
  const { remote, signed } = ownForm(mount!, `${signature}/${path}`);
  assert.ok(signed);
  assert.equal(remote, "https://my.server.com/some/path/to/image.jpg");
  const altered = [
    `${signature}/301x200/my.server.com/some/path/to/image.jpg`,
    `9${signature.slice(1)}/${path}`,
    `unsafe/${path}`,
  ];
  for (const path of altered) {
    assert.match(refusal(() => ownForm(mount!, path)), /only signed/, path);
  }
});
