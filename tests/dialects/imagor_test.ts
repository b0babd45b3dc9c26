import assert from "node:assert/strict";
import { parseMounts } from "../../src/dialects/mounts.ts";
import { testRows } from "../testing/dialect_rows.ts";
import { ownForm } from "../testing/dialects.ts";

testRows("imagor", {
  url: (options) => `unsafe/${options && `${options}/`}images.example.com/a.jpg`,
  remote: "https://images.example.com/a.jpg",
  defaults: ["q75"],
  rows: [
    ["filters:padding(red,5)", "0x0,bg:ff0000,padding:5:5:5:5"],
    ["filters:padding(red,1,2)", "0x0,bg:ff0000,padding:2:1:2:1"],
    ["filters:padding(red,1,2,3)", "0x0,bg:ff0000,padding:2:1:2:1"],
    ["filters:padding(red,1,2,3,4)", "0x0,bg:ff0000,padding:2:3:4:1"],
    ["300x200", "300x200,gravity:c,scaleUp"],
    [
      "fit-in/300x200/filters:fill(white):format(webp)",
      "300x200,bg:ffffff,pad,reckon:imagor,webp",
    ],
    ["stretch/300x200", "300x200,fit:stretch,scaleUp"],
    ["0.1x0.2:0.6x0.7", "0x0,ch0.5,cw0.5,cx0.1,cy0.2"],
    ["300x200/10x20", "300x200,gravity:c,padding:20:10:20:10,scaleUp"],
    ["300x200/10x20:30x40", "300x200,gravity:c,padding:20:30:40:10,scaleUp"],
    [
      "filters:hue(290):saturation(100):fill(yellow):quality(80)",
      "0x0,bg:ffff00,hue:290,q80,saturation:100",
    ],
    ["filters:blur(5):sharpen(2)", "0x0,blur:5,sharpen:2"],
    ["filters:crop(10,20,200,150)", "0x0,cut:10:20:200:150"],
    ["filters:crop(0.1,0.1,0.8,1)", "0x0,cut:0.1:0.1:0.8:0"],
    ["filters:pixelate(12):invert()", "0x0,invert,pixelate:12"],
    ["filters:round_corner(20)", "0x0,radius:20"],
    ["filters:round_corner(20,20,red)", "0x0,bg:ff0000,radius:20"],
    ["filters:page(1):palette():bitdepth(4):compression(9)", "0x0"],
    // What is decoded as a whole has the other side cut, and each alignment its own axis.
    ["300x", "300x0,reckon:imagor,scaleUp"],
    ["300x-", "300x0,fv,rounddown,scaleUp"],
    ["10x10:90x90/x200", "0x200,ch80,cw80,cx10,cy10,rounddown,scaleUp"],
    ["adaptive-fit-in/300x", "300x0,fit,reckon:libvips,rounddown"],
    ["fit-in/300x200", "300x200,fit,reckon:imagor"],
    ["adaptive-fit-in/300x200", "300x200,adapt,fit,reckon:libvips"],
    ["stretch/300x", "300x0,rounddown,scaleUp"],
    ["300x/filters:rotate(0)", "300x0,rounddown,scaleUp"],
    ["300x/filters:format(png)", "300x0,png,reckon:thumbnail,scaleUp"],
    ["300x/filters:max_frames(1)", "300x0,frame:0,reckon:thumbnail,scaleUp"],
    ["full-fit-in/300x", "300x0,reckon:libvips,scaleUp"],
    ["fit-in/300x/filters:upscale()", "300x0,reckon:imagor,scaleUp"],
    ["300x200/top", "300x200,gravity:nw,scaleUp"],
    ["300x200/right", "300x200,gravity:se,scaleUp"],
    ["300x200/left/top", "300x200,gravity:nw,scaleUp"],
    ["300x200/center/top", "300x200,gravity:n,scaleUp"],
    ["300x-200/top", "300x200,fv,gravity:n,scaleUp"],
    ["filters:rotate(270)", "0x0,r270"],
    ["filters:attachment(a b.jpg)", "0x0,download,filename:a b"],
    ["filters:page(2)", "0x0,frame:1"],
    ["filters:expire(1800000000500)", "0x0,vu1800000000"],
    ["filters:max_frames(1)", "0x0,frame:0"],
    ["filters:label(Hello)", "0x0,text:SGVsbG8:nw:0:0:20"],
    ["filters:label(Hello,10,-20,24,white)", "0x0,text:SGVsbG8:sw:10:20:24:ffffff"],
    ["filters:label(Hello,center,bottom,30,f00,50)", "0x0,text:SGVsbG8:s:0:0:30:ff000080"],
    [
      "filters:label(Hello+W%C3%B6rld,-10p,0.25,12,black,0,sans)",
      "0x0,text:SGVsbG8gV8O2cmxk:ne:0.1:0.25:12",
    ],
    ["filters:label(%20,0,0)", "0x0"],
    ["filters:text(b64:SGVsbG8gV29ybGQ,right,top)", "0x0,text:SGVsbG8gV29ybGQ:ne:0:0:20"],
    ["filters:text(a,20,20,sans-36,yellow,25)", "0x0,text:YQ:nw:20:20:36:ffff00bf"],
  ],
  refused: [
    ["filters:redact(blur)", /nothing like the option "redact\(blur\)"/],
    ["filters:text(hello,0,0,serif-20)", /the nearest is the fonts sans and sans-\{size\}/],
    ["filters:text(hello,0,0,sans-bold-20)", /the nearest is the fonts sans/],
    ["filters:text(a,0,0,sans-9,red,0,multiply)", /the nearest is text\(text,x,y,font/],
    ["filters:text(a,0,0,sans-9,red,0,,180)", /the nearest is text\(text,x,y,font/],
    ["filters:text(a,0,0,sans-0)", /the size of text is whole pixels/],
    ["filters:label(a,0,0,20,red,0,tahoma)", /the nearest is the font sans/],
    ["filters:label(a,0,0,x)", /the size of text is whole pixels/],
    ["filters:label(a,0,0,20,red,101)", /alpha is a number from 0 to 100/],
    ["filters:label(a,0,0,20,reddish)", /label takes a colour by name/],
    ["filters:label(a,left-20,0)", /x and y are pixels, percents/],
    ["filters:label(a,repeat,0)", /the nearest is repeat in both directions/],
    ["filters:label(a):text(b)", /the nearest is one text/],
    ["filters:fill(blur)", /nothing like/],
    ["filters:rotate(45)", /rotate takes 0, 90/],
  ],
});

Deno.test("imagor's signatures may be of any of its digests, cut or whole", () => {
  // docs/security.mdx: the secret `mysecret` and this path, by HMAC-SHA1.
  const path = "500x500/top/raw.githubusercontent.com/cshum/imagor/master/testdata/gopher.png";
  const [mount] = parseMounts(["imagor"], ["imagor=mysecret"]);
  for (const signature of ["cST4Ko5_FqwT3BDn-Wf4gO3RFSk="]) {
    assert.ok(ownForm(mount!, `${signature}/${path}`).signed, signature);
  }
});

Deno.test("imagor's images may be base64url, or without a scheme", () => {
  const [mount] = parseMounts(["imagor"]);
  const url = "https://images.example.com/a b.jpg";
  const base64 = btoa(url).replace(/=+$/, "");
  assert.equal(
    ownForm(mount!, `unsafe/100x/b64:${base64}`).remote,
    "https://images.example.com/a%20b.jpg",
  );
  assert.equal(
    ownForm(mount!, "unsafe/100x/http://h.example.com/a").remote,
    "http://h.example.com/a",
  );
});
