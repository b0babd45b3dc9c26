// An engine that comes to its end over pictures: by faults that no picture is known to cause, and by more memory than
// it may take.
import assert from "node:assert/strict";
import { enginesOf } from "../testing/engines.ts";
import { eventually } from "../testing/eventually.ts";
import { LARGE_PNG } from "../testing/hostile_origin.ts";
import { photo, writeByEngine } from "../testing/photo.ts";
import { startEngine } from "../testing/pictures.ts";
import { COMPILED, type Program, SOURCE, startProgram } from "../testing/program.ts";
import { answerOf, figureOf, figuresOf, isReady, linuxTest } from "../testing/program_answers.ts";
import { startOrigin } from "../testing/proxy.ts";

await startEngine();
const PHOTO = writeByEngine(photo(1600, 1200), "JPEG");
const SMALL = writeByEngine(photo(40, 30), "PNG");
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
