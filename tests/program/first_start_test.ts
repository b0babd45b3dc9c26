// What a newcomer waits for at the first start: the packages, once. Takes the network, so that CI alone does it.
import assert from "node:assert/strict";
import { findCommand } from "../testing/command.ts";
import { startDocumentedHost } from "../testing/documented_host.ts";

const LOCK = JSON.parse(await Deno.readTextFile(new URL("../../deno.lock", import.meta.url)));
const MOST_BYTES = 16e6;

const npm = findCommand("npm");
const offline = Deno.env.get("CI") ? undefined : "CI is not set, and it fetches all packages";
const skipped = offline ?? (npm ? undefined : "npm is not installed");

Deno.test({
  name: "the first start fetches the packages of deno.lock, 16 MB at most, and nothing else" +
    (skipped ? ` (skipped: ${skipped})` : ""),
  ignore: skipped !== undefined,
  async fn() {
    await using registry = await startCountingRegistry();
    const folder = await Deno.makeTempDir({ prefix: "imageproxy-first-start-" });
    try {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["task", "start", "--version"],
        cwd: new URL("../../", import.meta.url),
        env: { DENO_DIR: folder, NPM_CONFIG_REGISTRY: registry.url, NO_PROXY: "127.0.0.1" },
      }).output();
      const decoder = new TextDecoder();
      assert.equal(code, 0, decoder.decode(stderr));
      assert.match(decoder.decode(stdout), /^imageproxy /m);
      const documents = registry.paths.filter((path) => !path.endsWith(".tgz"));
      assert.deepEqual(documents, []);
      assert.equal(registry.paths.length, Object.keys(LOCK.npm).length);
      assert.ok(registry.bytes() <= MOST_BYTES, `${registry.bytes()} bytes`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "a host that has no packages and no lock fetches those of the engine with its own" +
    (offline ? ` (skipped: ${offline})` : ""),
  ignore: offline !== undefined,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "imageproxy-first-start-" });
    try {
      await using host = await startDocumentedHost({ packages: folder });
      const response = await fetch(`${host.url}/img/200x/photos:photo.jpg`);
      const { length } = await response.bytes();
      const { code, said } = await host.stop();
      assert.equal(response.status, 200, said);
      assert.ok(length > 1000, `${length} bytes`);
      assert.equal(code, 0, said);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

interface CountingRegistry extends AsyncDisposable {
  url: string;
  /** What was asked for. */
  paths: string[];
  /** Of all bodies that were handed on. */
  bytes(): number;
}

/** Hands on what npm's own registry answers, and counts it. */
async function startCountingRegistry(): Promise<CountingRegistry> {
  const { stdout } = await new Deno.Command(npm!, { args: ["config", "get", "registry"] }).output();
  const upstream = new TextDecoder().decode(stdout).trim().replace(/\/$/, "");
  const paths: string[] = [];
  let bytes = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    paths.push(pathname);
    const answer = await fetch(upstream + pathname, { headers: request.headers });
    const body = await answer.bytes();
    bytes += body.length;
    return new Response(body, { status: answer.status });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    paths,
    bytes: () => bytes,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
