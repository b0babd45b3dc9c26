import assert from "node:assert/strict";
import { certificate, privateKey } from "../testing/certificate.ts";
import { findCommand, freePort, startCommand } from "../testing/command.ts";
import { eventually } from "../testing/eventually.ts";
import { picture, startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy } from "../testing/proxy.ts";
import { answer, startRawOrigin } from "../testing/raw_origin.ts";

await startEngine();

interface Front {
  name: string;
  scheme: "http" | "https";
  /** Writes the example into the folder, with the ports of the test, and gives the command to run. */
  prepare(folder: string, ports: Ports): Promise<readonly string[]>;
}

interface Ports {
  front: number;
  back: number;
  /** Where imageproxy answers its operators. */
  admin: number;
}

const NGINX: Front = {
  name: "nginx",
  scheme: "https",
  async prepare(folder, { front, back }) {
    await Deno.writeTextFile(`${folder}/fullchain.pem`, certificate);
    await Deno.writeTextFile(`${folder}/privkey.pem`, privateKey);
    const site = (await example("nginx.conf"))
      .replace("127.0.0.1:8080", `127.0.0.1:${back}`)
      .replace("listen 80;", `listen 127.0.0.1:${freePort()};`)
      .replace("listen 443 ssl", `listen 127.0.0.1:${front} ssl`)
      .replaceAll("/etc/ssl/imageproxy", folder)
      .replace("/var/cache/nginx/imageproxy", `${folder}/cache`);
    await Deno.writeTextFile(`${folder}/site.conf`, site);
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ");
    await Deno.writeTextFile(
      `${folder}/nginx.conf`,
      `daemon off; master_process off; pid ${folder}/pid; error_log stderr;
       events {} http { access_log off; ${temporary} include ${folder}/site.conf; }`,
    );
    return ["-e", "stderr", "-p", folder, "-c", `${folder}/nginx.conf`];
  },
};

const CADDY: Front = {
  name: "caddy",
  // It would ask an authority on the web for a certificate.
  scheme: "http",
  async prepare(folder, { front, back, admin }) {
    const site = (await example("Caddyfile"))
      .replace("127.0.0.1:8080", `127.0.0.1:${back}`)
      .replace("health_port 8081", `health_port ${admin}`)
      .replace("images.example.com {", `http://127.0.0.1:${front} {`);
    await Deno.writeTextFile(`${folder}/Caddyfile`, `{\n\tadmin off\n}\n${site}`);
    return ["run", "--adapter", "caddyfile", "--config", `${folder}/Caddyfile`];
  },
};

/** What a remote URL may hold that servers in between like to tidy up. */
const TARGETS = [
  "/x/http://ORIGIN/a//b",
  "/x/http://ORIGIN/a/../b/./c",
  "/x/http://ORIGIN/a%2Fb%2e%2E%20",
  "/x/http://ORIGIN/a?b=c&d=%26&e=http://f/",
  "/x/http://ORIGIN//",
  "/x/http://ORIGIN/a;b=c,d:e@f+g",
  "//http://ORIGIN/two",
];

for (const front of [NGINX, CADDY]) {
  frontTest(front, "hands on image URLs byte for byte", async ({ statusOf }) => {
    await using origin = startRawOrigin((_, socket) => socket.write(answer(404)));
    for (const target of TARGETS) {
      const sent = target.replace("ORIGIN", `127.0.0.1:${origin.port}`);
      origin.heads.length = 0;
      assert.match(await statusOf(sent), / 404 /, target);
      const expected = sent.slice(sent.indexOf(`:${origin.port}`) + `:${origin.port}`.length);
      assert.deepEqual(origin.targets, [expected], target);
    }
  });

  frontTest(
    front,
    "serves pictures and errors as imageproxy answers them",
    async ({ get }) => {
      await using origin = startOrigin({
        "/a.png": () =>
          new Response(picture(["rg"], { scale: 20 }), {
            headers: { "cache-control": "max-age=60" },
          }),
      });
      const rows = [
        [`/20x/${origin.url}/a.png`, 200, /^image\/png$/],
        [`/20x/${encodeURIComponent(`${origin.url}/a.png`)}`, 200, /^image\/png$/],
        [`/r45/${origin.url}/a.png`, 400, /^text\/plain/],
        [`/20x/${origin.url}/b.png`, 404, /^text\/plain/],
        // What is for operators alone.
        ["/metrics", 404, /^text\/plain/],
        ["/health-check", 404, /^text\/plain/],
        ["/ready", 404, /^text\/plain/],
        ["/%6detrics", 400, /^text\/plain/],
      ] as const;
      for (const [target, status, type] of rows) {
        const response = await get(target);
        await response.body?.cancel();
        assert.equal(response.status, status, target);
        assert.match(response.headers.get("content-type")!, type, target);
      }
    },
  );
}

frontTest(NGINX, "answers a second request from its cache", async ({ get }) => {
  await using origin = startOrigin({
    "/a.png": () =>
      new Response(picture(["rg"], { scale: 20 }), { headers: { "cache-control": "max-age=60" } }),
  });
  for (const state of ["MISS", "HIT"]) {
    const response = await get(`/20x/${origin.url}/a.png`);
    await response.body?.cancel();
    assert.equal(response.headers.get("x-proxy-cache"), state);
  }
});

/** The front, as its clients see it. */
interface Running {
  get(target: string): Promise<Response>;
  /** The status line for a target that no client library would send as it is. */
  statusOf(target: string): Promise<string>;
}

function frontTest(
  { name, scheme, prepare }: Front,
  title: string,
  test: (front: Running) => Promise<void>,
): void {
  const program = findCommand(name);
  Deno.test({
    name: `the ${name} example ${title}${program ? "" : ` (skipped: no ${name})`}`,
    ignore: !program,
    async fn() {
      const folder = await Deno.makeTempDir({ prefix: `imageproxy-${name}-` });
      try {
        await Deno.chmod(folder, 0o755);
        const [port, admin] = [freePort(), freePort()];
        const adminAddr = { hostname: "127.0.0.1", port: admin };
        await using proxy = await startProxy({ config: { adminAddr } });
        await eventually(async () => {
          const response = await fetch(`http://127.0.0.1:${admin}/ready`);
          await response.body?.cancel();
          assert.equal(response.status, 200);
        });
        const back = Number(new URL(proxy.url).port);
        const args = await prepare(folder, { front: port, back, admin });
        await using _front = await startCommand([program!, ...args], {
          port,
          env: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
        });
        using client = Deno.createHttpClient({ caCerts: [certificate] });
        await test({
          get: (target) => fetch(`${scheme}://127.0.0.1:${port}${target}`, { client }),
          statusOf: (target) => statusOf(target, { scheme, port }),
        });
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

function example(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`../../deploy/${name}`, import.meta.url));
}

async function statusOf(
  target: string,
  { scheme, port }: { scheme: Front["scheme"]; port: number },
): Promise<string> {
  const place = { hostname: "127.0.0.1", port };
  using connection = scheme === "http"
    ? await Deno.connect(place)
    : await Deno.connectTls({ ...place, caCerts: [certificate], alpnProtocols: ["http/1.1"] });
  await connection.write(
    new TextEncoder().encode(
      `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`,
    ),
  );
  return (await new Response(connection.readable).text()).split("\r\n")[0]!;
}
