import assert from "node:assert/strict";
import { originRules } from "../../src/settings/origin_rules.ts";
import { createClock } from "../testing/changing_origin.ts";
import { letters, look, picture, startEngine } from "../testing/pictures.ts";
import { type OriginAnswer, silent, startOrigin, startProxy } from "../testing/proxy.ts";

await startEngine();
const PICTURE = picture(["rg", "by"], { scale: 20, format: "PNG" });
/** The general one, a preset's, an origin's. */
const GENERAL = picture(["kk", "ww"], { scale: 20, format: "PNG" });
const OF_PRESET = picture(["cc", "mm"], { scale: 20, format: "PNG" });
const OF_ORIGIN = picture(["bb", "yy"], { scale: 20, format: "PNG" });

const FAILURES: Readonly<Record<string, [number, OriginAnswer]>> = {
  "/missing": [404, () => new Response("no", { status: 404 })],
  "/gone": [404, () => new Response("no", { status: 410 })],
  "/refused": [502, () => new Response("no", { status: 403 })],
  "/broken": [502, () => new Response("no", { status: 500 })],
  "/page": [403, () => new Response("<p>", { headers: { "content-type": "text/html" } })],
  "/damaged": [422, () => new Response(PICTURE.slice(0, 40))],
  "/large": [413, () => new Response(new Uint8Array(200_000))],
  "/slow": [504, silent],
};

function startFailing() {
  const answers = Object.entries(FAILURES).map(([path, [, answer]]) => [path, answer]);
  return startOrigin({
    ...Object.fromEntries(answers),
    "/a.png": PICTURE,
    "/fallback.png": GENERAL,
  });
}

interface Shown {
  status: number;
  pixels: string;
  headers: Headers;
}

async function shown(response: Response): Promise<Shown> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const isPicture = response.headers.get("content-type")?.startsWith("image/");
  const pixels = isPicture
    ? letters(look(bytes), { scale: look(bytes).width / 2 }).join("/")
    : new TextDecoder().decode(bytes);
  return { status: response.status, pixels, headers: response.headers };
}

async function withFiles(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  await Deno.writeFile(`${folder}/general.png`, GENERAL);
  await Deno.writeFile(`${folder}/preset.png`, OF_PRESET);
  await Deno.writeFile(`${folder}/origin.png`, OF_ORIGIN);
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the fallback image is shown for whatever an origin fails at, as the picture would have been", async () => {
  await withFiles(async (folder) => {
    await using origin = startFailing();
    await using proxy = await startProxy({
      config: {
        workers: 1,
        fallbackImage: [`${folder}/general.png`],
        fetchTimeout: 1500,
        maxSourceBytes: 100_000,
      },
    });
    for (const [path, [status]] of Object.entries(FAILURES)) {
      // Untouched, the damaged one passes for a picture: only its beginning is looked at.
      for (const options of path === "/damaged" ? ["20x,png"] : ["x", "20x,png"]) {
        const { status: actual, pixels, headers } = await shown(
          await proxy.get(`/${options}/${origin.url}${path}`),
        );
        assert.equal(pixels, "kk/ww", `${options} ${path}`);
        // Who transforms finds out that a page is none.
        const expected = path === "/page" && options !== "x" ? 422 : status;
        assert.equal(actual, expected, `${options} ${path}`);
        assert.match(headers.get("cache-control")!, /^max-age=(?:[1-9]|10)$/, path);
        for (const name of ["etag", "last-modified", "expires", "age", "link"]) {
          assert.equal(headers.get(name), null, name);
        }
        assert.doesNotMatch(headers.get("content-disposition")!, /general/);
      }
    }
    assert.match(proxy.log.at(-1)!.error!, /took too long/);
    const head = await proxy.get(`/20x/${origin.url}/missing`, { method: "HEAD" });
    assert.equal(head.status, 404);
    assert.equal(head.headers.get("content-type"), "image/png");
    assert.deepEqual(proxy.warnings, []);
  });
});

Deno.test("the fallback image never takes the place of a picture", async () => {
  await withFiles(async (folder) => {
    await using origin = startFailing();
    const clock = createClock();
    let isThere = false;
    await using moody = startOrigin(
      {},
      () => isThere ? new Response(PICTURE) : new Response("no", { status: 404 }),
    );
    await using proxy = await startProxy({
      now: clock.now,
      config: { workers: 1, fallbackImage: [`file:${folder}/general.png`], fallbackStatus: 200 },
    });
    const target = `/20x,png/${moody.url}/a.png`;
    assert.equal((await shown(await proxy.get(target))).pixels, "kk/ww");
    isThere = true;
    clock.pass(61);
    assert.equal((await shown(await proxy.get(target))).pixels, "rg/by");
    const good = await shown(await proxy.get(`/20x,png/${origin.url}/a.png`));
    assert.equal(good.pixels, "rg/by");
    assert.equal(good.status, 200);
  });
});

Deno.test("nor does it where a parameter of the picture's URL is ignored", async () => {
  await withFiles(async (folder) => {
    let isThere = false;
    await using moody = startOrigin(
      {},
      () => isThere ? new Response(PICTURE) : new Response("no", { status: 404 }),
    );
    const clock = createClock();
    await using proxy = await startProxy({
      now: clock.now,
      config: {
        workers: 1,
        fallbackImage: [`${folder}/general.png`],
        ignoredParameters: ["token"],
      },
    });
    for (const options of ["png", "x"]) {
      isThere = false;
      for (const token of [1, 2, 1]) {
        const target = `/${options}/${moody.url}/${options}.png?token=${token}`;
        const { status, pixels } = await shown(await proxy.get(target));
        assert.deepEqual([status, pixels], [404, "kk/ww"], target);
      }
      isThere = true;
      clock.pass(61);
      const target = `/${options}/${moody.url}/${options}.png?token=3`;
      const { status, pixels } = await shown(await proxy.get(target));
      assert.deepEqual([status, pixels], [200, "rg/by"], target);
    }
  });
});

Deno.test("-fallbackStatus takes the place of the failure's", async () => {
  await withFiles(async (folder) => {
    await using origin = startFailing();
    await using proxy = await startProxy({
      config: { workers: 1, fallbackImage: [`${folder}/general.png`], fallbackStatus: 200 },
    });
    const { status, pixels } = await shown(await proxy.get(`/20x/${origin.url}/missing`));
    assert.equal(`${status} ${pixels}`, "200 kk/ww");
  });
});

Deno.test("a preset's fallback image outranks an origin's, and that the general one", async () => {
  await withFiles(async (folder) => {
    await using origin = startFailing();
    await using proxy = await startProxy({
      lookup: () => Promise.resolve(["127.0.0.1"]),
      config: {
        workers: 1,
        presets: ["face=20x", "plain=20x"],
        fallbackImage: [`${folder}/general.png`, `preset:face=${folder}/preset.png`],
        origins: originRules.parse(
          JSON.stringify({ "127.0.0.1": { fallbackImage: `${folder}/origin.png` } }),
        ),
      },
    });
    const elsewhere = origin.url.replace("127.0.0.1", "localhost");
    const rows = [
      [`/preset:face/${origin.url}/missing`, "cc/mm"],
      [`/preset:face/${elsewhere}/missing`, "cc/mm"],
      [`/preset:plain/${origin.url}/missing`, "bb/yy"],
      [`/20x/${origin.url}/missing`, "bb/yy"],
      [`/20x/${elsewhere}/missing`, "kk/ww"],
    ] as const;
    for (const [target, pixels] of rows) {
      assert.equal((await shown(await proxy.get(target))).pixels, pixels, target);
    }
  });
});

Deno.test("the fallback image may be a URL or a picture of a source, whoever may ask for those", async () => {
  await withFiles(async (folder) => {
    await using origin = startFailing();
    for (const picture of [`${origin.url}/fallback.png`, "art:general.png"]) {
      await using proxy = await startProxy({
        config: {
          workers: 1,
          source: [`art=file:${folder}`, `shop=${origin.url}/`],
          allowHosts: ["shop:"],
          allowPrivateNetworks: false,
          fallbackImage: [picture],
        },
      });
      const { status, pixels } = await shown(await proxy.get("/20x/shop:missing"));
      assert.equal(`${status} ${pixels}`, "404 kk/ww", picture);
      for (const target of [`/20x/${picture}`, "/20x/local:x/general.png", "/x/art:general.png"]) {
        const refused = await proxy.get(target);
        assert.ok([400, 403].includes(refused.status), target);
        await refused.body?.cancel();
      }
    }
  });
});

Deno.test("no fallback image is shown for what is the client's fault, or the server's own", async () => {
  await withFiles(async (folder) => {
    await using origin = startFailing();
    await using proxy = await startProxy({
      config: {
        workers: 1,
        fallbackImage: [`${folder}/general.png`],
        denyHosts: ["denied.example"],
        allowPrivateNetworks: false,
        rateLimit: 5,
      },
    });
    const rows = [
      ["/r45/http://example.com/a", 400],
      ["/x/http://denied.example/a", 403],
      [`/20x/${origin.url}/a.png`, 403],
      ["/vu1/http://example.com/a", 410],
    ] as const;
    for (const [target, status] of rows) {
      const answer = await shown(await proxy.get(target));
      assert.equal(answer.status, status, target);
      assert.match(answer.headers.get("content-type")!, /^text\/plain/, target);
    }
  });
});

Deno.test("where the fallback image cannot be had, the failure is told, and the operator hears why", async () => {
  await using origin = startFailing();
  await using proxy = await startProxy({
    config: { workers: 1, fallbackImage: [`${origin.url}/broken`] },
  });
  for (const target of [`/20x/${origin.url}/missing`, `/x/${origin.url}/missing`]) {
    const { status, pixels } = await shown(await proxy.get(target));
    assert.equal(`${status} ${pixels}`, "404 The origin answered 404\n");
  }
  assert.equal(proxy.warnings.length, 1);
  assert.match(
    proxy.warnings[0]!,
    /^The fallback image cannot be shown: .*The origin answered 500/,
  );
  await assert.rejects(
    startProxy({ config: { fallbackImage: ["/nowhere/a.png"] } }),
    /-fallbackImage cannot read \/nowhere\/a\.png/,
  );
  await assert.rejects(
    startProxy({ config: { fallbackImage: ["fotos:a.png"] } }),
    /-fallbackImage names the source fotos:/,
  );
});

const inBase64 = (url: string) =>
  new TextEncoder().encode(url).toBase64({ alphabet: "base64url", omitPadding: true });

Deno.test("fallback: names the picture to show, before the server's own, and made with the same options", async () => {
  await withFiles(async (folder) => {
    await using origin = startFailing();
    await using proxy = await startProxy({
      config: {
        workers: 1,
        dialect: ["imgproxy", "weserv"],
        fallbackImage: [`${folder}/origin.png`],
      },
    });
    const encoded = inBase64(`${origin.url}/fallback.png`);
    const missing = encodeURIComponent(`${origin.url}/missing`);
    const rows = [
      [`/20x,png,fallback:${encoded}/${origin.url}/missing`, 404, "kk/ww"],
      [`/fallback:${encoded}/${origin.url}/missing`, 404, "kk/ww"],
      [`/png,fallback:${encoded}/${origin.url}/damaged`, 422, "kk/ww"],
      [`/png,fallback:${encoded}/${origin.url}/a.png`, 200, "rg/by"],
      [`/imgproxy/_/fiu:${encoded}/f:png/plain/${origin.url}/missing`, 404, "kk/ww"],
      [
        `/weserv/?url=${missing}&output=png&default=${
          encodeURIComponent(`${origin.url}/fallback.png`)
        }`,
        404,
        "kk/ww",
      ],
      [`/20x,png/${origin.url}/missing`, 404, "bb/yy"],
    ] as const;
    for (const [target, status, pixels] of rows) {
      const it = await shown(await proxy.get(target));
      assert.deepEqual([it.status, it.pixels], [status, pixels], target);
    }
    // What cannot be had either leaves the failure, and no word to the operator.
    const both = `/png,fallback:${inBase64(`${origin.url}/gone`)}/${origin.url}/missing`;
    assert.deepEqual((await shown(await proxy.get(both))).pixels, "The origin answered 404\n");
    assert.deepEqual(proxy.warnings, []);
    // Nothing of it tells two pictures apart.
    const tagOf = async (options: string) =>
      (await shown(await proxy.get(`/${options}/${origin.url}/a.png`))).headers.get("etag");
    assert.equal(await tagOf(`png,fallback:${encoded}`), await tagOf("png"));
  });
});

Deno.test("fallback: opens no host, and is paid for", async () => {
  await using origin = startFailing();
  await using elsewhere = startOrigin({ "/a.png": GENERAL });
  const inside = elsewhere.url.replace("127.0.0.1", "localhost");
  const config = { workers: 1, allowHosts: ["127.0.0.1"], allowPrivateNetworks: false };
  const keys = ["key"];
  await using proxy = await startProxy({ config, keys });
  const target = `/png,fallback:${inBase64(`${inside}/a.png`)}/${origin.url}/missing`;
  const refused = await shown(await proxy.get(target));
  assert.deepEqual([refused.status, refused.pixels], [
    403,
    "The URL of the fallback image is not allowed\n",
  ]);
  const isSigned = async (message: string) => {
    const key = await crypto.subtle.importKey(
      "raw",
      new TextEncoder().encode("key"),
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["sign"],
    );
    const bytes = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(message));
    return new Uint8Array(bytes).toBase64({ alphabet: "base64url", omitPadding: true });
  };
  assert.equal(elsewhere.requests.length, 0);
  const [, options = ""] = target.split("/");
  const signature = await isSigned(`${origin.url}/missing#${options}`);
  const signed = await shown(await proxy.get(target.replace("/png,", `/s${signature},png,`)));
  assert.deepEqual([signed.status, signed.pixels], [404, "kk/ww"]);
  const urlOnly = await isSigned(`${origin.url}/missing`);
  const half = await shown(await proxy.get(target.replace("/png,", `/s${urlOnly},png,`)));
  assert.equal(half.status, 403);

  const named = `/png,fallback:${inBase64(`${origin.url}/fallback.png`)}/${origin.url}/missing`;
  for (const [rateLimit, pixels] of [[2, "kk/ww"], [1, "The origin answered 404\n"]] as const) {
    await using limited = await startProxy({ config: { workers: 1, rateLimit } });
    assert.equal((await shown(await limited.get(named))).pixels, pixels);
  }
});
