import assert from "node:assert/strict";
import type { EngineOrders, EngineState, Hello } from "../../src/image/engine/messages.ts";
import { FORMAT_NAMES, type FormatName, formatOf } from "../../src/image/formats/table.ts";
import { createFrameReader } from "../../src/image/engine/wire.ts";
import { enginesOf, memoryOf, ticks, variablesOf } from "../testing/engines.ts";
import { eventually, withinTwoSeconds } from "../testing/eventually.ts";
import { createFormatFiles } from "../testing/format_rows.ts";
import { picture, startEngine } from "../testing/pictures.ts";
import { COMPILED, type Edition, type Program, SOURCE, startProgram } from "../testing/program.ts";
import { figuresOf, linuxTest } from "../testing/program_answers.ts";
import { startOrigin } from "../testing/proxy.ts";

await startEngine();
const SMALL = picture(["rg", "by"], { scale: 20, format: "JPEG" });
const LARGE = picture(["rgby", "cmyk", "wkrg"], { scale: 500 });

const FILES = await createFormatFiles();
const DECODED = FORMAT_NAMES.filter((name) => formatOf(name).decoding);

const ORIGIN = ["-allowHosts", "127.0.0.1"];

async function engineOf({ pid }: Program): Promise<number> {
  let engine: number | undefined;
  await eventually(async () => {
    [engine] = await enginesOf(pid);
    assert.ok(engine, "no engine yet");
  });
  return engine!;
}

function statusOf(url: string): Promise<number> {
  return fetch(url).then(async (response) => {
    await response.body?.cancel();
    return response.status;
  });
}

for (const edition of [SOURCE, COMPILED]) {
  linuxTest(edition, "gives its engine nothing of its environment", async () => {
    const secrets = { IMAGEPROXY_SIGNATUREKEY: "secret", AWS_SECRET_ACCESS_KEY: "secret" };
    await using program = await startProgram({
      ...edition,
      env: { ...edition.env, ...secrets },
    });
    // What deno needs to find its packages again, three words to the C library, and that its log is no terminal.
    const words = [
      "MALLOC_ARENA_MAX",
      "MALLOC_MMAP_THRESHOLD_",
      "MALLOC_TRIM_THRESHOLD_",
      "NO_COLOR",
    ];
    const needed = [...new Set([...Object.keys(edition.env), ...words])].toSorted();
    assert.deepEqual(await variablesOf(await engineOf(program)), needed);
  });

  linuxTest(
    edition,
    "has an engine that holds no permission before it hears of a picture",
    async () => {
      // In the server's place.
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const [command, ...args] = edition.command.map((word) =>
        word.startsWith("--allow-") ? "" : word
      ).filter(Boolean);
      const child = new Deno.Command(command!, {
        args: [
          ...(edition === SOURCE ? [args[0]!, "--allow-read", "--allow-net=127.0.0.1"] : []),
          ...args.slice(edition === SOURCE ? 1 : 0),
          "engine",
        ],
        env: { ...edition.env },
        clearEnv: true,
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      const orders: EngineOrders = {
        port: listener.addr.port,
        token: "a token",
        workers: 2,
        limits: { maxPixels: 1e6, maxFrames: 1, maxTotalPixels: 1e6, maxOutputPixels: 1e6 },
        memoryCeiling: 1e9,
        fonts: [],
      };
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(`${JSON.stringify(orders)}\n`));
      const connections = [await listener.accept(), await listener.accept()];
      const hellos = await Promise.all(
        connections.map(async (connection) =>
          (await createFrameReader(connection)())!.head as Hello
        ),
      );
      assert.deepEqual(hellos.map(({ token }) => token), ["a token", "a token"]);
      assert.deepEqual(hellos.map(({ worker }) => worker).toSorted(), [0, 1]);
      const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      const state = JSON.parse((await lines.read()).value!.split("\n")[0]!) as EngineState;
      assert.deepEqual(state.permissions, []);
      assert.ok(state.memory > 20e6);
      // It ends with the server.
      await writer.close();
      assert.equal((await child.status).code, 0);
      await lines.cancel();
      for (const connection of connections) connection.close();
      listener.close();
    },
  );

  for (const busy of [false, true]) {
    linuxTest(
      edition,
      `leaves no engine behind when it is killed${busy ? ", however busy that is" : ""}`,
      async () => {
        await using origin = startOrigin({ "/a.png": LARGE });
        await using program = await startProgram(edition, { args: ORIGIN });
        const engine = await engineOf(program);
        await eventually(async () => assert.equal(await statusOf(`${program.url}/ready`), 200));
        const asked = busy
          ? fetch(`${program.url}/1999x,avif,q100,blur:90/${origin.url}/a.png`).catch(() => {})
          : undefined;
        if (busy) {
          await eventually(async () => {
            assert.equal((await figuresOf(program)).get("imageproxy_workers_busy"), 1);
          });
        }
        await program.stop("SIGKILL");
        await withinTwoSeconds(async () => assert.equal(await ticks(engine), 0));
        await asked;
      },
    );
  }

  linuxTest(edition, "answers all the same when its engine is killed over a picture", async () => {
    await using origin = startOrigin({ "/a.png": LARGE });
    await using program = await startProgram(edition, { args: ORIGIN });
    const engine = await engineOf(program);
    const asked = statusOf(`${program.url}/1500x,avif,blur:40/${origin.url}/a.png`);
    await eventually(async () => {
      assert.equal((await figuresOf(program)).get("imageproxy_workers_busy"), 1);
    });
    Deno.kill(engine, "SIGKILL");
    assert.equal(await asked, 200);
    assert.match(program.output(), /The image engine ended, at work on \d+ bytes with .*SIGKILL/);
    const replaced = (await figuresOf(program))
      .get('imageproxy_workers_replaced_total{reason="died"}');
    assert.equal(replaced, 1);
  });

  linuxTest(edition, "makes pictures of all formats whose engine crashes over them", async () => {
    await using origin = startOrigin({}, (request) => {
      const format = new URL(request.url).pathname.slice(1) as FormatName;
      return new Response(FILES[format][0]!.bytes as Uint8Array<ArrayBuffer>);
    });
    await using program = await startProgram(edition, {
      args: [...ORIGIN, "-scaleUp", "-workers", "1"],
    });
    for (const [index, format] of DECODED.entries()) {
      await eventually(async () => assert.equal(await statusOf(`${program.url}/ready`), 200));
      const engine = await engineOf(program);
      const asked = statusOf(
        `${program.url}/2000x,scaleUp,avif,q100,blur:30/${origin.url}/${format}`,
      );
      await eventually(async () => {
        assert.equal((await figuresOf(program)).get("imageproxy_workers_busy"), 1);
      });
      Deno.kill(engine, "SIGKILL");
      assert.equal(await asked, 200, format);
      const died = (await figuresOf(program))
        .get('imageproxy_workers_replaced_total{reason="died"}');
      assert.equal(died, index + 1, format);
    }
  });

  linuxTest(
    edition,
    "answers 504 for an engine that hangs, and goes on with another",
    async () => {
      await using origin = startOrigin({ "/a.jpg": SMALL });
      await using program = await startProgram(edition, {
        args: [...ORIGIN, "-transformTimeout", "2s", "-errorCacheDuration", "0s"],
      });
      const url = `${program.url}/20x/${origin.url}/a.jpg`;
      assert.equal(await statusOf(`${program.url}/10x/${origin.url}/a.jpg`), 200);
      const engine = await engineOf(program);
      Deno.kill(engine, "SIGSTOP");
      assert.equal(await statusOf(url), 504);
      await withinTwoSeconds(async () =>
        assert.ok(!(await enginesOf(program.pid)).includes(engine))
      );
      assert.equal(await statusOf(url), 200);
    },
  );

  linuxTest(edition, "remembers and logs what ended its engine twice", async () => {
    await using origin = startOrigin({ "/a.png": LARGE });
    await using program = await startProgram(edition, {
      // Less than the engine takes by itself.
      args: [...ORIGIN, "-engineMemoryCeiling", "50MB", "-errorCacheDuration", "1m"],
    });
    // It takes longer than it takes to hear what memory the engine has.
    const url = `${program.url}/1999x,avif,q100,blur:90/${origin.url}/a.png`;
    assert.equal(await statusOf(url), 422);
    const logged = () => program.output().match(/The image engine ended, at work on \d+ bytes/g);
    await eventually(() => assert.equal(logged()?.length, 2, program.output()));
    // An engine that was asked again would have ended once more, and been logged.
    assert.equal(await statusOf(url), 422);
    assert.equal(logged()?.length, 2);
  });

  linuxTest(edition, "has an engine that heeds no signal but the last", async () => {
    await using origin = startOrigin({ "/a.jpg": SMALL });
    await using program = await startProgram(edition, { args: ORIGIN });
    await eventually(async () => assert.equal(await statusOf(`${program.url}/ready`), 200));
    const engine = await engineOf(program);
    // As a terminal and a supervisor do to all processes together.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.kill(engine, signal);
    assert.equal(await statusOf(`${program.url}/20x/${origin.url}/a.jpg`), 200);
    assert.deepEqual(await enginesOf(program.pid), [engine]);
    assert.equal(await program.stop("SIGTERM"), 0);
    assert.equal(await ticks(engine), 0);
  });

  linuxTest(edition, "has one engine for all its threads", async () => {
    await using origin = startOrigin({ "/a.jpg": SMALL });
    await using program = await startProgram(edition, {
      args: [...ORIGIN, "-parallel", "3", "-workers", "2"],
    });
    for (let width = 1; width <= 20; width++) {
      const response = await fetch(`${program.url}/${width}x/${origin.url}/a.jpg`, {
        headers: { connection: "close" },
      });
      assert.equal(response.status, 200);
      await response.body?.cancel();
    }
    assert.equal((await enginesOf(program.pid)).length, 1);
    const figures = await figuresOf(program);
    assert.equal(figures.get("imageproxy_processes"), 1);
    assert.ok(figures.get("imageproxy_engine_resident_memory_bytes")! > 50e6);
  });

  linuxTest(
    edition,
    "takes at most 200 MB at rest, and little more for each further worker",
    async () => {
      const [one, three] = [await memoryWith(edition, 1), await memoryWith(edition, 3)];
      assert.ok(one < 200e6, `${Math.round(one / 1e6)} MB`);
      const each = (three - one) / 2;
      assert.ok(each < 34e6, `${Math.round(each / 1e6)} MB`);
    },
  );

  linuxTest(edition, "lets go of workers that a load needed, and of their memory", async () => {
    await using origin = startOrigin({ "/a.png": LARGE });
    await using program = await startProgram(edition, {
      args: [...ORIGIN, "-workers", "3", "-workerIdleTime", "2s"],
    });
    const before = await memoryAtRest(program, 1);
    const engine = await engineOf(program);
    let width = 400, isEnough = false;
    const lane = async () => {
      while (!isEnough) {
        assert.equal(await statusOf(`${program.url}/${width++}x,webp/${origin.url}/a.png`), 200);
      }
    };
    const lanes = Promise.all([1, 2, 3, 4, 5, 6].map(lane));
    await eventually(async () => {
      assert.equal((await figuresOf(program)).get("imageproxy_workers"), 3);
    }).finally(() => isEnough = true);
    await lanes;
    const after = await memoryAtRest(program, 1);
    assert.ok(
      after < 1.3 * before,
      `${Math.round(before / 1e6)} and ${Math.round(after / 1e6)} MB`,
    );
    // It was another process' memory.
    assert.equal(await ticks(engine), 0);
    const replaced = (await figuresOf(program)).get(
      'imageproxy_workers_replaced_total{reason="idle"}',
    )!;
    assert.ok(replaced >= 1);
  });
}

/** Bytes that the program takes with so many workers. */
async function memoryWith(edition: Edition, workers: number): Promise<number> {
  const args = ["-workers", "4", "-minWorkers", String(workers)];
  await using program = await startProgram(edition, { args });
  return await memoryAtRest(program, workers);
}

/** Bytes that the server and its engine take when no more than these workers are left and all is done. */
async function memoryAtRest(program: Program, workers: number): Promise<number> {
  await eventually(async () => {
    assert.equal((await figuresOf(program)).get("imageproxy_workers"), workers);
    assert.equal(await statusOf(`${program.url}/ready`), 200);
  });
  const engine = await engineOf(program);
  // Until all has warmed up, however busy the machine is.
  for (let quiet = 0; quiet < 3;) {
    const before = await ticks(engine);
    await new Promise((resolve) => setTimeout(resolve, 700));
    quiet = await ticks(engine) - before < 2 ? quiet + 1 : 0;
  }
  return await memoryOf(program.pid) + await memoryOf(engine);
}
