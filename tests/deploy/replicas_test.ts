import assert from "node:assert/strict";
import { findCommand, freePort, startCommand } from "../testing/command.ts";
import { eventually } from "../testing/eventually.ts";
import { picture, startEngine } from "../testing/pictures.ts";
import { COMPILED, type Edition, type Program, SOURCE, startProgram } from "../testing/program.ts";
import { startOrigin } from "../testing/proxy.ts";

const nginx = findCommand("nginx");
const redis = findCommand("redis-server");
const missing = [nginx ? "" : "nginx", redis ? "" : "redis-server"].filter((name) => name);

for (const edition of [SOURCE, COMPILED]) {
  const reason = missing.length > 0 ? `no ${missing.join(", no ")}` : edition.skipped;
  Deno.test({
    name:
      `three replicas (${edition.name}) behind nginx share one Redis, split the URLs, and outlive each other` +
      (reason ? ` (skipped: ${reason})` : ""),
    ignore: reason !== undefined,
    fn: () => testReplicas(edition),
  });
}

async function testReplicas(edition: Edition): Promise<void> {
  await startEngine();
  const bytes = picture(["rg", "by"], { scale: 20, format: "JPEG" });
  const paths = Array.from({ length: 12 }, (_, index) => `/${index}.jpg`);
  const headers = { "cache-control": "max-age=600" };
  await using origin = startOrigin(
    Object.fromEntries(paths.map((path) => [path, () => new Response(bytes, { headers })])),
  );
  await using folder = await temporaryFolder();
  const redisPort = freePort();
  await using _redis = await startCommand(
    [
      redis!,
      "--port",
      String(redisPort),
      "--bind",
      "127.0.0.1",
      "--save",
      "",
      "--dir",
      folder.path,
    ],
    { port: redisPort },
  );
  const start = () =>
    startProgram(edition, {
      args: [
        ...["-cache", "memory", "-cache", `redis://127.0.0.1:${redisPort}`],
        ...["-allowHosts", "127.0.0.1", "-purgeToken", "secret", "-xCache"],
      ],
    });
  await using first = await start();
  await using second = await start();
  await using third = await start();
  const replicas: readonly Program[] = [first, second, third];
  const port = freePort();
  await using _nginx = await startNginx({ folder: folder.path, port, replicas });

  const get = async (options: string, path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}/${options}/${origin.url}${path}`);
    await response.body?.cancel();
    assert.equal(response.status, 200, `${options} ${path}`);
    return response.headers.get("x-replica")!;
  };
  const placed = new Map<string, string>();
  for (const path of paths) {
    placed.set(path, await get("20x", path));
    assert.equal(await get("10x,png", path), placed.get(path), "one URL, one replica");
  }
  assert.ok(new Set(placed.values()).size > 1, "more than one replica has work");
  assert.equal(origin.requests.length, paths.length, "every original is fetched once");

  const isWritten = async () => assert.ok(await keysOf(redisPort) >= 3 * paths.length);
  await eventually(isWritten);
  await testPurge({ port, replicas, url: origin.url + paths[0]!, isWritten });
  assert.equal(origin.requests.length, paths.length + 1, "what was purged is fetched once for all");

  const gone = replicas.find(({ url }) => url.endsWith(placed.get(paths[0]!)!))!;
  await gone.stop("SIGTERM");
  for (const path of paths) {
    const now = await get("20x", path);
    if (!gone.url.endsWith(placed.get(path)!)) {
      assert.equal(now, placed.get(path), "the URLs of the others stay where they are");
    }
  }
  assert.equal(origin.requests.length, paths.length + 1, "what one replica knew, the others know");
}

/** A purge that nginx hands to one of them reaches the memory of all. */
async function testPurge(
  { port, replicas, url, isWritten }: {
    port: number;
    replicas: readonly Program[];
    url: string;
    isWritten: () => Promise<void>;
  },
): Promise<void> {
  const foundIn = async ({ url: replica }: Program) => {
    const response = await fetch(`${replica}/20x/${url}`);
    await response.body?.cancel();
    return response.headers.get("x-cache")!;
  };
  for (const replica of replicas) {
    for (let i = 0; i < 2; i++) await foundIn(replica);
    assert.equal(await foundIn(replica), "hit");
  }
  const purged = await fetch(`http://127.0.0.1:${port}/${url}`, {
    method: "PURGE",
    headers: { authorization: "Bearer secret" },
  });
  const { removed, servers } = await purged.json();
  assert.equal(servers, replicas.length);
  // Two entries or more in Redis, and one in each memory.
  assert.ok(removed >= 2 + replicas.length, `${removed} removed`);
  const [first, ...others] = replicas;
  assert.equal(await foundIn(first!), "miss; original=miss");
  // The log of the purge is there now in the place of the other result.
  await eventually(isWritten);
  for (const replica of others) assert.equal(await foundIn(replica), "hit");
}

/** The example, with the replicas of the test in the place of the name that compose gives them. */
async function startNginx(
  { folder, port, replicas }: { folder: string; port: number; replicas: readonly Program[] },
) {
  const servers = replicas.map(({ url }) => `server ${new URL(url).host};`).join(" ");
  const site =
    (await Deno.readTextFile(new URL("../../deploy/nginx.replicas.conf", import.meta.url)))
      .replace("server imageproxy:8080;", servers)
      .replace("listen 80;", `listen 127.0.0.1:${port};`);
  await Deno.writeTextFile(`${folder}/site.conf`, site);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ");
  await Deno.writeTextFile(
    `${folder}/nginx.conf`,
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr;
     events {} http { access_log off; ${temporary} add_header X-Replica $upstream_addr;
     include ${folder}/site.conf; }`,
  );
  return await startCommand(
    [nginx!, "-e", "stderr", "-p", folder, "-c", `${folder}/nginx.conf`],
    { port },
  );
}

async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir({ prefix: "imageproxy-replicas-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** How many keys Redis holds. */
async function keysOf(port: number): Promise<number> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode("DBSIZE\r\n"));
  const buffer = new Uint8Array(64);
  const length = await connection.read(buffer);
  return Number(/^:(\d+)/.exec(new TextDecoder().decode(buffer.subarray(0, length ?? 0)))?.[1]);
}
