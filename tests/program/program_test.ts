import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { boldHebrew, fontFolder } from "../testing/fonts.ts";
import { animation, letters, look, picture, startEngine } from "../testing/pictures.ts";
import { COMPILED, programTest, runProgram, SOURCE, startProgram } from "../testing/program.ts";
import { startOrigin } from "../testing/proxy.ts";
import denoConfig from "../../deno.json" with { type: "json" };

await startEngine();
const STILL = picture(["rg", "by"], { scale: 20, format: "JPEG" });
const MOVING = animation([{ rows: ["rg"], delay: 10 }, { rows: ["gb"], delay: 20 }], {
  format: "GIF",
  scale: 20,
});

const MARK = picture(["r"], { scale: 10 });
const DRAWING = new TextEncoder().encode(
  '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"><path fill="red" d="M0 0h2v2H0z"/>' +
    '<path fill="lime" d="M2 0h2v2H2z"/></svg>',
);

interface Expected {
  status: number;
  type?: string;
  /** The frames' letters, 10 pixels each. */
  frames?: readonly string[];
  body?: RegExp;
}

/** Requests that every edition of the program answers alike; ORIGIN stands for the origin's address. */
const REQUESTS: readonly (readonly [string, Expected])[] = [
  ["/", { status: 200, body: /^OK$/ }],
  ["/health-check", { status: 200, body: /^OK$/ }],
  ["/ORIGIN/still.jpg", { status: 200, type: "image/jpeg", frames: ["rrgg/rrgg/bbyy/bbyy"] }],
  ["/20x/ORIGIN/still.jpg", { status: 200, type: "image/jpeg", frames: ["rg/by"] }],
  ["/20x,r90,png/ORIGIN/still.jpg", { status: 200, type: "image/png", frames: ["gy/rb"] }],
  ["/10,webp/ORIGIN/still.jpg", { status: 200, type: "image/webp" }],
  ["/10,avif/ORIGIN/still.jpg", { status: 200, type: "image/avif" }],
  ["/10,jxl/ORIGIN/still.jpg", { status: 200, type: "image/jxl" }],
  ["/20x,fh/ORIGIN/moving.gif", { status: 200, type: "image/gif", frames: ["gr", "bg"] }],
  ["/sc,10x20/ORIGIN/still.jpg", { status: 200, type: "image/jpeg" }],
  ["/60x/http://sample.invalid/badge.png", { status: 200, type: "image/png" }],
  ["/40x,text:SQ:w:0:0:0.9:blue,png/ORIGIN/still.jpg", { status: 200, type: "image/png" }],
  ["/40x,text:16nXnNeV,png/ORIGIN/still.jpg", { status: 200, type: "image/png" }],
  ["/40x,text:2YXYsdit2KjYpw,font:NotoNaskhArabic/ORIGIN/moving.gif", {
    status: 200,
    type: "image/gif",
  }],
  ["/text:8J-YgA/ORIGIN/still.jpg", { status: 400, body: /no font of this server has it/ }],
  ["/overlay:OVERLAY:se:0:0:0.5,png/ORIGIN/still.jpg", {
    status: 200,
    type: "image/png",
    frames: ["rrgg/rrgg/bbrr/bbrr"],
  }],
  ["/quality:auto/ORIGIN/still.jpg", { status: 200, type: "image/jpeg" }],
  ["/40x,png/ORIGIN/drawing.svg", { status: 200, type: "image/png", frames: ["rrgg/rrgg"] }],
  ["/r45/ORIGIN/still.jpg", { status: 400, body: /"r45"/ }],
  ["/20x/ORIGIN/missing.jpg", { status: 404 }],
  ["/20x/ORIGIN/text", { status: 422 }],
  ["/20x/http://127.0.0.2:1/", { status: 403 }],
];

for (const edition of [SOURCE, COMPILED]) {
  programTest(edition, "serves on several threads and stops them all", async () => {
    await using origin = startOrigin({ "/still.jpg": STILL });
    await using program = await startProgram(edition, {
      args: ["-allowHosts", "127.0.0.1", "-parallel", "2", "-workers", "2"],
    });
    for (let count = 0; count < 10; count++) {
      // Another connection each time, for the system to give to either thread.
      const headers = { connection: "close" };
      const response = await fetch(`${program.url}/20x/${origin.url}/still.jpg`, { headers });
      assert.equal(response.status, 200);
      await response.body?.cancel();
    }
    assert.equal(await program.stop("SIGTERM"), 0, program.output());
  });

  programTest(edition, "answers every request as it should", async () => {
    await using origin = startOrigin({
      "/still.jpg": STILL,
      "/moving.gif": MOVING,
      "/text": () => new Response("hello"),
      "/mark.png": MARK,
      "/drawing.svg": DRAWING,
    });
    const overlay = Buffer.from(`${origin.url}/mark.png`).toString("base64url");
    await using program = await startProgram(edition, {
      args: ["-allowHosts", "127.0.0.1,sample.invalid"],
    });
    for (const [target, { status, type, frames, body }] of REQUESTS) {
      const response = await fetch(
        program.url + target.replace("ORIGIN", origin.url).replace("OVERLAY", overlay),
      );
      const bytes = new Uint8Array(await response.arrayBuffer());
      const text = new TextDecoder().decode(bytes);
      assert.equal(response.status, status, `${target}: ${text.slice(0, 200)}`);
      if (type) assert.equal(response.headers.get("content-type"), type, target);
      if (body) assert.match(text, body, target);
      if (!frames) continue;
      const decoded = look(bytes);
      assert.deepEqual(
        decoded.frames.map((_, frame) => letters(decoded, { scale: 10, frame }).join("/")),
        frames,
        target,
      );
    }
  });

  programTest(edition, "writes in the fonts of a folder", async () => {
    await using origin = startOrigin({ "/still.jpg": STILL });
    await using folder = await fontFolder({ "Seal.ttf": await boldHebrew() });
    const args = ["-allowHosts", "127.0.0.1", "-fontDir", folder.path];
    await using program = await startProgram(edition, { args });
    for (const [font, status] of [["Seal", 200], ["Seel", 400]] as const) {
      const response = await fetch(
        `${program.url}/text:16nXnNeV,font:${font}/${origin.url}/still.jpg`,
      );
      const text = await response.text();
      assert.equal(response.status, status, text.slice(0, 200));
      if (status === 400) assert.match(text, /this server has Seal, .*; did you mean Seal\?/);
    }
  });

  programTest(edition, "shows browsers its page", async () => {
    await using program = await startProgram(edition);
    const response = await fetch(`${program.url}/`, { headers: { accept: "text/html" } });
    assert.match(await response.text(), /^<!DOCTYPE html>/);
  });

  programTest(edition, "starts in an empty folder with no home and no variables", async () => {
    const cwd = await Deno.makeTempDir();
    await Deno.chmod(cwd, 0o755);
    try {
      await using program = await startProgram(edition, {
        cwd,
        ...(edition === COMPILED && Deno.uid() === 0 ? { uid: 65_534 } : {}),
      });
      const response = await fetch(`${program.url}/20x/http://sample.invalid/badge.png`);
      assert.equal(response.status, 200);
      await response.body?.cancel();
      assert.deepEqual([...Deno.readDirSync(cwd)], []);
    } finally {
      await Deno.remove(cwd, { recursive: true });
    }
  });

  programTest(edition, "keeps its cache in a folder", async () => {
    const folder = await Deno.makeTempDir();
    try {
      const target = "/60x/http://sample.invalid/badge.png";
      for (const state of ["empty", "filled"]) {
        await using program = await startProgram(edition, { args: ["-cache", folder] });
        const response = await fetch(program.url + target);
        assert.equal(response.status, 200, state);
        await response.body?.cancel();
        assert.equal(await program.stop("SIGTERM"), 0, program.output());
        assert.ok([...Deno.readDirSync(folder)].length > 0, `${state}: ${program.output()}`);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  programTest(edition, "stops with code 0 on SIGTERM and on SIGINT", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      await using program = await startProgram(edition);
      assert.equal(await program.stop(signal), 0, signal);
    }
  });

  programTest(edition, "tells its version, its flags, and what is wrong with them", async () => {
    const rows: readonly (readonly [readonly string[], number, RegExp])[] = [
      [["--version"], 0, new RegExp(denoConfig.version.replaceAll(".", "\\."))],
      [["--help"], 0, /allowHosts/],
      [["-maxPixels", "many"], 1, /maxPixels/],
      [["-signatureKey", "@/does/not/exist"], 1, /\/does\/not\/exist/],
    ];
    for (const [args, code, text] of rows) {
      const result = await runProgram(edition, { args });
      assert.equal(result.code, code, `${args}: ${result.stderr}`);
      assert.match(result.stdout + result.stderr, text);
    }
  });
}
