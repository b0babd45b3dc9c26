// Runs the proxy as a program under full load, one request in five of them hostile, and watches its memory
// and its file descriptors. Everything stays on this machine: deno run -A scripts/soak.ts [minutes]
import denoConfig from "../deno.json" with { type: "json" };
import { answer, startRawOrigin } from "../tests/testing/raw_origin.ts";
import { animation, picture, startEngine } from "../tests/testing/pictures.ts";
import { createHostileOrigin, HOSTILE_TARGETS } from "../tests/testing/hostile_origin.ts";
import { requestRaw } from "../tests/testing/raw_request.ts";

const MINUTES = Number(Deno.args[0] ?? 10);
const CLIENTS = 12;
const HOSTILE_SHARE = 0.2;
const SAMPLE_MS = 5_000;
const REST_MS = 5_000;

interface Sample {
  rss: number;
  files: number;
}

await startEngine();
const rows = ["rgbycmyk", "kwrgbycm", "ybgrwkcm", "mcykbrgw", "rrggbbyy", "cmcmykyk"];
const pictures: Record<string, Uint8Array> = {
  "/a.jpg": picture(rows, { scale: 200, format: "JPEG" }),
  "/b.png": picture(rows, { scale: 100 }),
  "/c.webp": picture(rows, { scale: 60, format: "WEBP" }),
  "/d.gif": animation([{ rows }, { rows: rows.toReversed() }], { scale: 20, format: "GIF" }),
};
await using good = startRawOrigin(async (target, socket) => {
  const bytes = pictures[target.split("?")[0]!];
  if (!bytes) return await socket.write(answer(404));
  await socket.write(
    `HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nContent-Length: ${bytes.length}\r\n\r\n`,
  );
  await socket.write(bytes);
});
await using hostile = createHostileOrigin();

const command = new Deno.Command(Deno.execPath(), {
  args: [
    ...denoConfig.tasks.start.split(" ").slice(1),
    ...["-addr", "127.0.0.1:0", "-cache", "memory:50"],
    // Hostile requests go to another host name, as those of a real attack would.
    ...["-allowHosts", "127.0.0.1,localhost", "-transformTimeout", "5s", "-idleTimeout", "3s"],
  ],
  stdout: "piped",
  stderr: "inherit",
});
const server = command.spawn();
const url = await firstUrl(server.stdout);
console.log(`${MINUTES} minutes, ${CLIENTS} clients, ${HOSTILE_SHARE * 100} % hostile, at ${url}`);

const counts = { good: 0, hostile: 0, failed: 0, busy: 0 };
const statuses: Record<string, number> = {};
const slow: number[] = [];
/** When this minute's load ends. */
let end = 0;
/** What is left after each minute, when nothing is in work. */
const rests: Sample[] = [];
const samples: Sample[] = [];
const sampler = setInterval(() => {
  const sample = look();
  samples.push(sample);
  if (samples.length % 6 === 0) {
    console.log(
      `${(samples.length * SAMPLE_MS / 1000).toFixed(0)} s: RSS ${mb(sample.rss)} MB, ` +
        `${sample.files} files, ${JSON.stringify(counts)}`,
    );
  }
}, SAMPLE_MS);

for (let minute = 0; minute < MINUTES; minute++) {
  end = performance.now() + 60_000;
  await Promise.all(Array.from({ length: CLIENTS }, (_, client) => run(client + minute * 100_000)));
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  rests.push(look());
}
clearInterval(sampler);
server.kill("SIGTERM");
await server.status;
report();

async function run(client: number): Promise<void> {
  for (let count = client; performance.now() < end; count += CLIENTS) {
    if (Math.random() < HOSTILE_SHARE) await attack(count);
    else await ask(count);
  }
}

/** A good request must be answered 200, or 503 with a Retry-After, after which it is asked again. */
async function ask(count: number): Promise<void> {
  // Every other one is asked for once only, so that there is always something to make.
  const path = Object.keys(pictures)[count % 4]!;
  const target = `/${20 + count % 300}x,q${60 + count % 7}/${good.url}${path}?${
    count % 2 ? count : 0
  }`;
  const started = performance.now();
  for (;;) {
    const response = await fetch(url + target);
    const body = await response.bytes();
    if (response.status === 503) {
      counts.busy++;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      continue;
    }
    counts.good++;
    slow.push(performance.now() - started);
    if (response.status !== 200 || body.length < 50) {
      counts.failed++;
      console.error(
        `${response.status} ${target}: ${new TextDecoder().decode(body.slice(0, 200))}`,
      );
    }
    return;
  }
}

async function attack(count: number): Promise<void> {
  counts.hostile++;
  const target = HOSTILE_TARGETS[count % HOSTILE_TARGETS.length]!;
  const status = typeof target === "string"
    ? await fetch(`${url}${target.replaceAll("ORIGIN", hostile.url)}?${count}`).then(
      async (response) => {
        await response.body?.cancel();
        return String(response.status);
      },
    )
    : (await requestRaw(url, target)).slice(9, 12);
  statuses[status] = (statuses[status] ?? 0) + 1;
  if (status === "500") console.error(`500 for ${target}`);
}

function report(): void {
  const third = Math.floor(samples.length / 3);
  const figures = (name: "rss" | "files") => {
    const values = samples.map((sample) => sample[name]);
    const show = name === "rss" ? mb : String;
    const parts = [values.slice(0, third), values.slice(third, 2 * third), values.slice(2 * third)];
    return `${parts.map((part) => show(median(part))).join(" → ")}, at most ${
      show(Math.max(...values))
    }; at rest after each minute ${rests.map((sample) => show(sample[name])).join(", ")}`;
  };
  console.log(`good ${counts.good}, of them failed ${counts.failed}; told to wait ${counts.busy}`);
  console.log(`hostile ${counts.hostile}: ${JSON.stringify(statuses)}`);
  console.log(`good requests took ${median(slow).toFixed(0)} ms in the median`);
  console.log(`RSS in MB, median of each third: ${figures("rss")}`);
  console.log(`open files, median of each third: ${figures("files")}`);
  if (counts.failed > 0 || statuses["500"]) Deno.exitCode = 1;
}

function look(): Sample {
  return { rss: residentBytes(server.pid), files: openFiles(server.pid) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
  return Number(kilobytes) * 1024;
}

function openFiles(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

async function firstUrl(output: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of output.values({ preventCancel: true })) {
    text += decoder.decode(chunk);
    const [found] = /http:\S+/.exec(text) ?? [];
    if (found) return found;
  }
  throw new Error(`The server did not start: ${text}`);
}
