// What the soak asks for: good requests, each of which must be answered, and hostile ones, which must not get
// in their way.
import { createHostileOrigin, HOSTILE_TARGETS } from "../../tests/testing/hostile_origin.ts";
import { createHostilePictures } from "../../tests/testing/hostile_pictures.ts";
import { animation, picture, startEngine } from "../../tests/testing/pictures.ts";
import { answer, startRawOrigin } from "../../tests/testing/raw_origin.ts";
import { type RawRequest, requestRaw } from "../../tests/testing/raw_request.ts";

export interface Load extends AsyncDisposable {
  description: string;
  /** Both origins, the hostile one by another name, as that of a real attack would have. */
  hosts: string;
  counts: { good: number; hostile: number; failed: number; busy: number };
  /** How often hostile requests were answered how. */
  statuses: Readonly<Record<string, number>>;
  /** What each good request took, waits that it was told to make included. */
  milliseconds: readonly number[];
  /** Has all clients ask a server without pause for so many milliseconds, and resolves when all are answered. */
  run(server: string, milliseconds: number): Promise<void>;
}

type Attack = (server: string, count: number) => Promise<string>;

const CLIENTS = 12;
const HOSTILE_SHARE = 0.2;
/** An SVG that passes as it is, larger than any buffer of the system's. */
const LARGE = new TextEncoder().encode(
  `<svg xmlns="http://www.w3.org/2000/svg"><!--${"x".repeat(20e6)}--></svg>`,
);
/** Milliseconds for which a client reads nothing: longer than the server puts up with. */
const UNREAD_MS = 4000;

/** Starts the origins. */
export async function startLoad(): Promise<Load> {
  const good = await startGoodOrigin();
  const attacks = await startAttackers(good.url);
  const counts = { good: 0, hostile: 0, failed: 0, busy: 0 };
  const statuses: Record<string, number> = {};
  const milliseconds: number[] = [];
  /** Of all clients, so that no two ask for the same by chance. */
  let asked = 0;

  /** A good request must be answered 200, or 503 with a Retry-After, after which it is asked again. */
  async function ask(server: string): Promise<void> {
    const target = good.target(asked++);
    const started = performance.now();
    for (;;) {
      const response = await fetch(server + target);
      const body = await response.bytes();
      if (response.status !== 503) {
        counts.good++;
        milliseconds.push(performance.now() - started);
        if (response.status === 200 && body.length >= 50) return;
        counts.failed++;
        const words = new TextDecoder().decode(body.slice(0, 200));
        return console.error(`${response.status} ${target}: ${words}`);
      }
      counts.busy++;
      await pause(1000 * Number(response.headers.get("retry-after")));
    }
  }

  async function attack(server: string): Promise<void> {
    const count = counts.hostile++;
    const status = await attacks.all[count % attacks.all.length]!(server, count);
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status === "500") console.error(`500 for attack ${count % attacks.all.length}`);
  }

  return {
    description: `${CLIENTS} clients, ${
      HOSTILE_SHARE * 100
    } % hostile in ${attacks.all.length} ways`,
    hosts: "127.0.0.1,localhost",
    counts,
    statuses,
    milliseconds,
    async run(server, milliseconds) {
      const end = performance.now() + milliseconds;
      await Promise.all(Array.from({ length: CLIENTS }, async () => {
        while (performance.now() < end) {
          await (Math.random() < HOSTILE_SHARE ? attack(server) : ask(server));
        }
      }));
    },
    async [Symbol.asyncDispose]() {
      await attacks[Symbol.asyncDispose]();
      await good.origin[Symbol.asyncDispose]();
    },
  };
}

async function startGoodOrigin() {
  await startEngine();
  const rows = ["rgbycmyk", "kwrgbycm", "ybgrwkcm", "mcykbrgw", "rrggbbyy", "cmcmykyk"];
  const pictures: Record<string, Uint8Array> = {
    "/a.jpg": picture(rows, { scale: 200, format: "JPEG" }),
    "/b.png": picture(rows, { scale: 100 }),
    "/c.webp": picture(rows, { scale: 60, format: "WEBP" }),
    "/d.gif": animation([{ rows }, { rows: rows.toReversed() }], { scale: 20, format: "GIF" }),
    "/large.svg": LARGE,
  };
  const paths = Object.keys(pictures).slice(0, 4);
  const origin = startRawOrigin(async (target, socket) => {
    const bytes = pictures[target.split("?")[0]!];
    if (!bytes) return await socket.write(answer(404));
    await socket.write(
      `HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nContent-Length: ${bytes.length}\r\n\r\n`,
    );
    await socket.write(bytes);
  });
  return {
    origin,
    url: origin.url,
    /** Every other one is asked for once only, so that there is always something to make. */
    target: (count: number) =>
      `/${20 + count % 300}x,q${60 + count % 7}/${origin.url}${paths[count % 4]}?${
        count % 2 ? count : 0
      }`,
  };
}

async function startAttackers(good: string) {
  const origin = createHostileOrigin();
  const pictures = await createHostilePictures();
  const store = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
    const { bytes } = pictures[Number(new URL(url).pathname.slice(1))]!;
    return new Response(bytes as Uint8Array<ArrayBuffer>);
  });
  const pictureUrl = (index: number) => `http://localhost:${store.addr.port}/${index}`;
  const overlay = (url: string) => `overlay:${btoa(url).replace(/=+$/, "")}`;
  const all: Attack[] = [
    ...HOSTILE_TARGETS.map((target): Attack => (server, count) =>
      typeof target === "string"
        ? statusOf(`${server}${target.replaceAll("ORIGIN", origin.url)}?${count}`)
        : statusOfRaw(server, target)
    ),
    ...pictures.map(({ options }, index): Attack => (server, count) =>
      statusOf(`${server}/${options}/${pictureUrl(index)}?${count}`)
    ),
    ...pictures.map((_, index): Attack => (server, count) =>
      statusOf(`${server}/300x,${overlay(pictureUrl(index))}:nw/${good}/a.jpg?${count}`)
    ),
    ...[1, 2, 3].map((): Attack => (server, count) =>
      readNothing(server, `/${good}/large.svg?${count}`)
    ),
    ...pictures.map((_, index): Attack => (server, count) =>
      leave(server, `/50x/${pictureUrl(index)}?${count}`)
    ),
  ];
  return {
    all: shuffled(all),
    async [Symbol.asyncDispose]() {
      await store.shutdown();
      await origin[Symbol.asyncDispose]();
    },
  };
}

async function statusOf(url: string): Promise<string> {
  const response = await fetch(url);
  await response.body?.cancel();
  return String(response.status);
}

async function statusOfRaw(server: string, request: RawRequest): Promise<string> {
  return (await requestRaw(server, request)).slice(9, 12);
}

/** Asks and takes nothing of the answer. */
async function readNothing(server: string, target: string): Promise<string> {
  const { hostname, port } = new URL(server);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(
    new TextEncoder().encode(`GET ${target} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`),
  );
  await pause(UNREAD_MS);
  return "nothing read";
}

/** Asks and goes away before it can be answered. */
async function leave(server: string, target: string): Promise<string> {
  const signal = AbortSignal.timeout(50);
  return await fetch(server + target, { signal }).then(async (response) => {
    await response.body?.cancel();
    return String(response.status);
  }, () => "left");
}

/** So that no minute has all of a kind; the same every time. */
function shuffled<T>(items: readonly T[]): T[] {
  return items.map((item, at) => ({ item, key: Math.imul(at + 1, 2654435761) >>> 0 }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
