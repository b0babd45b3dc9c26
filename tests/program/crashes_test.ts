// An engine that comes to its end over pictures: by faults that no picture is known to cause, and by more memory than
// it may take.
import assert from "node:assert/strict";
import { FORMAT_NAMES, type FormatName, formatOf } from "../../src/image/formats/table.ts";
import { enginesOf, ticks } from "../testing/engines.ts";
import { eventually } from "../testing/eventually.ts";
import { createFormatFiles } from "../testing/format_rows.ts";
import { LARGE_PNG } from "../testing/hostile_origin.ts";
import { photo, writeByEngine } from "../testing/photo.ts";
import { startEngine } from "../testing/pictures.ts";
import { COMPILED, type Program, SOURCE, startProgram } from "../testing/program.ts";
import { answerOf, figureOf, figuresOf, isReady, linuxTest } from "../testing/program_answers.ts";
import { startOrigin } from "../testing/proxy.ts";

await startEngine();
const PHOTO = writeByEngine(photo(1600, 1200), "JPEG");
const SMALL = writeByEngine(photo(40, 30), "PNG");
const FILES = await createFormatFiles();
const DECODED = FORMAT_NAMES.filter((name) => formatOf(name).decoding);
const ORIGIN = ["-allowHosts", "127.0.0.1"];

/**
 * How processes end by themselves: what the C library and Rust raise where they can go on no more, and V8 where it has
 * no more memory or finds itself out of order.
 */
const FAULTS = ["SIGABRT", "SIGTRAP", "SIGILL"] as const;
const BUSY = "imageproxy_workers_busy";
const DIED = 'imageproxy_workers_replaced_total{reason="died"}';

async function isAtWork(program: Program): Promise<void> {
  await eventually(async () => assert.equal(await figureOf(program, BUSY), 1));
}

/** The process that was started last: where there is a choice, the one in which what another died over is tried. */
async function newestEngine({ pid }: Program): Promise<number> {
  const engines = await enginesOf(pid);
  assert.ok(engines.length > 0, "there is no engine");
  return Math.max(...engines);
}

const ENDED = /The image engine ended, at work on \d+ bytes/g;

/** Hundredths of a second on processors by which an engine has started for sure, and is at work. */
const STARTED = 100;

/** Ends the newest engine each time it is at work, and waits until that is noticed. */
async function killTrials(program: Program, { until }: { until: () => boolean }): Promise<void> {
  const ended = () => program.output().match(ENDED)?.length ?? 0;
  while (!until()) {
    const before = ended();
    const engine = await figureOf(program, BUSY) === 1 && await newestEngine(program);
    if (engine && await ticks(engine) >= STARTED && !until()) {
      Deno.kill(engine, "SIGABRT");
      await eventually(() => assert.ok(ended() > before || until()));
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

for (const edition of [SOURCE, COMPILED]) {
  linuxTest(edition, "answers all the same when faults end its engine over pictures", async () => {
    await using origin = startOrigin({ "/photo": PHOTO });
    await using program = await startProgram(edition, { args: ORIGIN });
    await isReady(program);
    for (const [index, fault] of FAULTS.entries()) {
      const asked = answerOf(`${program.url}/80${index}x,avif,blur:40/${origin.url}/photo`);
      await isAtWork(program);
      Deno.kill(await newestEngine(program), fault);
      assert.match(await asked, /^200 /, fault);
      const logged = new RegExp(`The image engine ended, at work on \\d+ bytes with .*${fault}`);
      assert.match(program.output(), logged);
      assert.equal(await figureOf(program, DIED), 1 + index);
      await eventually(async () => assert.equal((await enginesOf(program.pid)).length, 1));
    }
  });

  linuxTest(
    edition,
    "refuses pictures of all formats over which its engine crashes twice",
    async () => {
      await using origin = startOrigin({ "/small": SMALL }, (request) => {
        const format = new URL(request.url).pathname.slice(1) as FormatName;
        return new Response(FILES[format][0]!.bytes as Uint8Array<ArrayBuffer>);
      });
      await using program = await startProgram(edition, {
        args: [
          ...[...ORIGIN, "-scaleUp", "-errorCacheDuration", "10m", "-transformTimeout", "5m"],
          ...["-workers", "1"],
        ],
      });
      await isReady(program);
      const urls = DECODED.map((format) =>
        `${program.url}/4000x,scaleUp,avif,q100,blur:60/${origin.url}/${format}`
      );
      const answers: string[] = [];
      for (const [index, url] of urls.entries()) {
        let isOver = false;
        const asked = answerOf(url).finally(() => isOver = true);
        asked.catch(() => {});
        await killTrials(program, { until: () => isOver });
        answers.push(await asked);
        assert.match(answers[index]!, /^422 /, DECODED[index]);
        // What starts in its place is not to be ended as well.
        await isReady(program);
        await eventually(async () => assert.equal((await enginesOf(program.pid)).length, 1));
      }
      assert.equal(await figureOf(program, DIED), 2 * DECODED.length);
      assert.equal(program.output().match(ENDED)!.length, 2 * DECODED.length);
      // Remembered: an engine that was asked again would make them, as nobody ends it any more.
      assert.deepEqual(
        await Promise.all(urls.map((url) => answerOf(url))),
        answers,
      );
      assert.match(await answerOf(`${program.url}/20x/${origin.url}/small`), /^200 /);
    },
  );

  linuxTest(
    edition,
    "ends an engine that takes more memory than it may, and refuses only who took it",
    async () => {
      await using origin = startOrigin({
        "/bomb": LARGE_PNG as Uint8Array<ArrayBuffer>,
        "/small": SMALL,
      });
      await using program = await startProgram(edition, {
        args: [
          ...[...ORIGIN, "-engineMemoryCeiling", "400MB", "-maxTransformMemory", "4GB"],
          ...["-maxOutputPixels", "60000000", "-transformTimeout", "2m", "-workers", "2"],
        ],
      });
      await isReady(program);
      let isOver = false;
      // Its estimate is no hindrance here: what it really takes is.
      const bomb = answerOf(`${program.url}/r90,blur:9,tiff/${origin.url}/bomb`)
        .finally(() => isOver = true);
      for (let width = 1; !isOver || width < 5; width++) {
        const url = `${program.url}/${width % 40 + 1}x/${origin.url}/small?${width}`;
        assert.match(await answerOf(url), /^200 /);
      }
      assert.match(await bomb, /^422 /);
      const figures = await figuresOf(program);
      assert.equal(figures.get('imageproxy_workers_replaced_total{reason="ceiling"}'), 2);
      assert.match(program.output(), /The image engine ended, .*: It took \d+ MB of memory/);
    },
  );
}
