import assert from "node:assert/strict";
import { picture, startEngine } from "../testing/pictures.ts";
import { run, start } from "../testing/server_process.ts";
import { startOrigin } from "../testing/proxy.ts";

await startEngine();
const PICTURE = picture(["rg", "by"], { scale: 20, format: "JPEG" });
const LOCAL = ["-addr", "127.0.0.1:0", "-allowPrivateNetworks", "-workers", "1"];

/** An origin with a quick picture, and slow ones that answer when told to. */
function startSlowOrigin() {
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const origin = startOrigin({
    "/a.jpg": PICTURE,
    "/slow.jpg": async () => {
      asked.resolve();
      await gate.promise;
      return new Response(PICTURE);
    },
  });
  return {
    ...origin,
    gate,
    asked,
    async [Symbol.asyncDispose]() {
      gate.resolve();
      await origin[Symbol.asyncDispose]();
    },
  };
}

Deno.test("imageproxy finishes what is in flight when told to stop, and takes nothing more", async () => {
  await using origin = startSlowOrigin();
  await using program = await start(LOCAL);
  const pending = fetch(`${program.url}/10x/${origin.url}/slow.jpg`);
  await origin.asked.promise;
  program.kill("SIGTERM");
  await program.says(/Stopping on SIGTERM/);
  await assert.rejects(async () => {
    for (;;) await (await fetch(`${program.url}/health-check`)).text();
  });
  origin.gate.resolve();
  const response = await pending;
  assert.equal(response.status, 200);
  assert.ok((await response.arrayBuffer()).byteLength > 100);
  assert.equal(await program.ended, 0);
});

Deno.test("imageproxy answers an error when what is in flight takes longer than -stopTimeout", async () => {
  await using origin = startSlowOrigin();
  await using program = await start([...LOCAL, "-stopTimeout", "200ms"]);
  const pending = fetch(`${program.url}/10x/${origin.url}/slow.jpg`);
  await origin.asked.promise;
  program.kill("SIGINT");
  const response = await pending;
  assert.ok(response.status >= 500, String(response.status));
  await response.body?.cancel();
  assert.equal(await program.ended, 0);
  origin.gate.resolve();
});

Deno.test("imageproxy ends at once on a second signal", async () => {
  await using origin = startSlowOrigin();
  await using program = await start(LOCAL);
  const pending = fetch(`${program.url}/10x/${origin.url}/slow.jpg`).catch((error) => error);
  await origin.asked.promise;
  program.kill("SIGTERM");
  await program.says(/Stopping/);
  program.kill("SIGTERM");
  assert.equal(await program.ended, 143);
  assert.ok(await pending instanceof Error);
  origin.gate.resolve();
});

Deno.test("imageproxy is not ready while it drains, but still answers", async () => {
  await using origin = startSlowOrigin();
  await using program = await start([...LOCAL, "-drainDelay", "1s"]);
  await eventually(async () => await statusOf(`${program.url}/ready`) === 200);
  program.kill("SIGTERM");
  await program.says(/Stopping/);
  assert.equal(await statusOf(`${program.url}/ready`), 503);
  assert.equal(await statusOf(`${program.url}/health-check`), 200);
  assert.equal(await statusOf(`${program.url}/10x/${origin.url}/a.jpg`), 200);
  assert.equal(await program.ended, 0);
});

Deno.test("imageproxy reloads its config and key files on SIGHUP without dropping a request", async () => {
  await using origin = startSlowOrigin();
  await using folder = await temporaryFolder();
  const configFile = `${folder.path}/config.jsonc`;
  const keyFile = `${folder.path}/key`;
  await Deno.writeTextFile(keyFile, "first\n");
  const settings = (more: string) =>
    Deno.writeTextFile(
      configFile,
      `{ // what may be fetched
        "signatureKey": "@${keyFile}", "allowHosts": ["images.example"], ${more}
      }`,
    );
  await settings("");
  await using program = await start([...LOCAL, "-config", configFile]);
  const plain = `${program.url}/10x/${origin.url}/a.jpg`;
  const signed = async (key: string) => {
    const { stdout } = await run(["sign", "-key", key, plain]);
    return await statusOf(stdout.trim());
  };
  assert.equal(await statusOf(plain), 403);
  assert.equal(await signed("first"), 200);
  assert.equal(await signed("second"), 403);
  const { stdout } = await run([
    "sign",
    "-key",
    "first",
    `${program.url}/10x/${origin.url}/slow.jpg`,
  ]);
  const pending = fetch(stdout.trim());
  pending.catch(() => {});
  await origin.asked.promise;

  await Deno.writeTextFile(keyFile, "second\n");
  await settings(`"maxWaiting": 7,`);
  program.kill("SIGHUP");
  assert.match(await program.says(/Reloaded/), /only a restart changes maxWaiting/);
  assert.equal(await signed("first"), 403);
  assert.equal(await signed("second"), 200);

  await settings(`"allowHost": ["127.0.0.1"], "timeout": "soon"`);
  program.kill("SIGHUP");
  const refusal = await program.says(/Not reloaded/);
  assert.match(refusal, /allowHost.*did you mean allowHosts/);
  assert.match(refusal, /timeout in .*config.jsonc must be a duration/);
  assert.equal(await signed("second"), 200);
  assert.equal(await statusOf(plain), 403);

  origin.gate.resolve();
  const response = await pending;
  assert.equal(response.status, 200);
  await response.body?.cancel();
  program.kill("SIGTERM");
  assert.equal(await program.ended, 0);
});

Deno.test("imageproxy that cannot start says why in one line and ends with 1", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = taken.addr.port;
  const rows: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [
      ["-addr", `127.0.0.1:${port}`],
      /^imageproxy: Cannot listen on 127\.0\.0\.1:\d+: the address is in use$/,
    ],
    [["-addr", "127.0.0.1:0", "-adminAddr", `127.0.0.1:${port}`], /the address is in use$/],
    [["-addr", "192.0.2.1:8080"], /this machine has no such address$/],
    [
      ["-signatureKey", "@/no/such/file"],
      /^imageproxy: -signatureKey cannot read .*\/no\/such\/file/,
    ],
    [["-config", "/no/such/file"], /^imageproxy: -config cannot be used: \/no\/such\/file/],
    [["-denyHosts", "exa mple"], /exa mple/],
    [["-adr", ":80"], /^imageproxy: -adr is no flag of imageproxy serve; did you mean -addr\?$/],
    [["-addr"], /^imageproxy: -addr must be followed by a value$/],
    [["-verbose", "perhaps"], /^imageproxy: There is no command "perhaps"$/],
    [["srve"], /did you mean serve\?\n/],
  ];
  for (const [args, says] of rows) {
    const { code, stderr, stdout } = await run(args);
    assert.equal(code, 1, args.join(" "));
    assert.match(stderr.trimEnd(), says);
    assert.doesNotMatch(stderr, /at .*\.ts/);
    assert.equal(stdout, "");
  }
  taken.close();
});

Deno.test("imageproxy tells all problems at once, each with its name and what would be right", async () => {
  const { code, stderr } = await run(["-workers=0", "-timeout", "5", "-nonsense", "-addr=here"], {
    env: { IMAGEPROXY_MAXPIXELS: "many" },
  });
  assert.equal(code, 1);
  for (
    const problem of [
      /-nonsense is no flag/,
      /-workers must be a whole number from 1 to 256, not "0"/,
      /-timeout must be a duration such as .*, not "5"/,
      /-addr must be host:port/,
      /IMAGEPROXY_MAXPIXELS must be a whole number/,
    ]
  ) assert.match(stderr, problem);
});

Deno.test("imageproxy takes old spellings with a warning, and the port that a platform sets", async () => {
  await using origin = startSlowOrigin();
  const port = freePort();
  await using program = await start(
    ["-whitelist", "127.0.0.1", "-version", "-verbose=false"],
    { env: { PORT: String(port), IMAGEPROXY_ALLOWPRIVATENETWORKS: "true" } },
  );
  assert.equal(program.url, `http://[::]:${port}`);
  await program.says(/-whitelist is the old name of allowHosts/);
  await program.says(/-version does nothing/);
  assert.equal(await statusOf(`http://127.0.0.1:${port}/10x/${origin.url}/a.jpg`), 200);
  assert.equal(await statusOf(`http://127.0.0.1:${port}/10x/http://localhost/a.jpg`), 403);
  const { code } = await run(["healthcheck"], { env: { PORT: String(port) } });
  assert.equal(code, 0);
});

Deno.test("imageproxy survives a rejection that nobody handles", async () => {
  const script = new URL("../testing/forgetful_server.ts", import.meta.url).pathname;
  await using program = await start(LOCAL, { script });
  program.kill("SIGUSR1");
  await program.says(/Unhandled rejection: Error: forgotten/);
  assert.equal(await statusOf(`${program.url}/health-check`), 200);
});

Deno.test("imageproxy listens on a unix socket, and takes over the socket of one that is gone", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/socket`;
  const args = ["-addr", `unix:${path}`, "-workers", "1", "-socketMode", "600"];
  const allow = [`--allow-write=${folder.path}`];
  const check = () => run(["healthcheck", "-addr", `unix:${path}`], { allow });
  {
    await using program = await start(args, { allow });
    assert.equal(program.url, `unix:${path}`);
    assert.equal((await Deno.lstat(path)).mode! & 0o777, 0o600);
    assert.equal((await check()).code, 0);
    const second = await run(args, { allow });
    assert.equal(second.code, 1);
    assert.match(second.stderr, /the address is in use/);
    assert.equal((await check()).code, 0);
    program.kill("SIGKILL");
    await program.ended;
  }
  assert.ok((await Deno.lstat(path)).isSocket);
  assert.equal((await check()).code, 1);
  {
    await using program = await start(args, { allow });
    assert.equal((await check()).code, 0);
    program.kill("SIGTERM");
    assert.equal(await program.ended, 0);
  }
  await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
  await Deno.writeTextFile(path, "precious");
  const refused = await run(args, { allow });
  assert.match(refused.stderr, /a file that is no socket has that name/);
  assert.equal(await Deno.readTextFile(path), "precious");
});

Deno.test("imageproxy -adminAddr takes the operator's pages off the public address", async () => {
  await using program = await start([...LOCAL, "-adminAddr=127.0.0.1:0", "-logFormat=json"]);
  for (const path of ["/health-check", "/metrics", "/ready"]) {
    assert.equal(await statusOf(program.url + path), 404, path);
    await eventually(async () => await statusOf(program.adminUrl + path) === 200);
  }
  assert.equal(await statusOf(`${program.url}/`), 200);
  assert.equal(await statusOf(`${program.adminUrl}/10x/http://127.0.0.1/`), 404);
  const addr = new URL(program.adminUrl).host;
  assert.equal((await run(["healthcheck", "-adminAddr", addr, "-ready"])).code, 0);
});

Deno.test("imageproxy logs requests as JSON lines, signatures masked", async () => {
  await using origin = startSlowOrigin();
  await using program = await start([...LOCAL, "-verbose", "-signatureKey=secretkey"]);
  const { stdout } = await run([
    "sign",
    "-key=secretkey",
    `${program.url}/10x/${origin.url}/a.jpg`,
  ]);
  const signature = /,s([\w-]{43})/.exec(stdout)![1]!;
  const response = await fetch(stdout.trim(), { headers: { "x-request-id": "abc-1" } });
  const bytes = (await response.arrayBuffer()).byteLength;
  assert.equal(response.headers.get("x-request-id"), "abc-1");
  const line = JSON.parse(await program.says(/"status":200/));
  assert.equal(line.id, "abc-1");
  assert.equal(line.path, `/10x,s***/${origin.url}/a.jpg`);
  assert.equal(line.bytes, bytes);
  assert.equal(line.host, new URL(origin.url).host);
  assert.deepEqual(Object.keys(line.stages), [
    "cache",
    "fetch",
    "queue",
    "decode",
    "transform",
    "encode",
  ]);
  assert.ok(line.milliseconds > 0);
  assert.equal(await statusOf(`${program.url}/10x/${origin.url}/a.jpg`), 403);
  const refused = JSON.parse(await program.says(/"status":403/));
  assert.equal(refused.error, "The requested URL is not allowed");
  assert.match(refused.cause, /neither an allowed host nor a valid signature/);
  assert.ok(program.lines.every((each) => !each.includes(signature)));
});

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.body?.cancel();
  return response.status;
}

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  while (!await condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir({ prefix: "imageproxy-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
