import assert from "node:assert/strict";
import { sniffMediaType } from "../../src/image/formats/read_header.ts";
import { sampleOf, SAMPLES, sampleUrl } from "../../src/page/samples.ts";
import { look, startEngine } from "../testing/pictures.ts";
import { transform } from "../testing/transforming.ts";
import { startProxy } from "../testing/proxy.ts";

await startEngine();

Deno.test("every sample is a picture of the type it claims, not large", async () => {
  const rows = [
    ["landscape.png", 960, 640, 1],
    ["badge.png", 480, 480, 1],
    ["orbit.gif", 320, 240, 24],
    ["sign.svg", 480, 320, 1],
  ] as const;
  assert.deepEqual(rows.map(([name]) => name), Object.keys(SAMPLES));
  for (const [name, width, height, frames] of rows) {
    const { mediaType, draw } = SAMPLES[name]!;
    const bytes = draw();
    // What is drawn is looked at as it is shown first.
    const picture = look(
      name.endsWith(".svg") ? (await transform(bytes, "480x,png")).bytes : bytes,
    );
    assert.equal(sniffMediaType(bytes), mediaType, name);
    assert.deepEqual([picture.width, picture.height, picture.frames.length], [
      width,
      height,
      frames,
    ]);
    assert.ok(bytes.length < 150_000, `${name}: ${bytes.length} bytes`);
  }
});

Deno.test("sampleOf() knows exactly the samples' own URLs", () => {
  for (const [name, sample] of Object.entries(SAMPLES)) {
    assert.equal(sampleOf(sampleUrl(name)), sample);
  }
  for (
    const url of [
      "http://sample.invalid/",
      "http://sample.invalid/toString",
      "http://sample.invalid/badge.png?x",
      "https://sample.invalid/badge.png",
      "http://sample.invalid:81/badge.png",
      "http://a.sample.invalid/badge.png",
      "http://example.com/badge.png",
    ]
  ) assert.equal(sampleOf(url), undefined, url);
});

Deno.test("samples are served without a fetch, and denied like other pictures", async () => {
  const rows = [
    [{}, 200],
    [{ allowPrivateNetworks: false }, 200],
    [{ allowHosts: ["sample.invalid"] }, 200],
    [{ allowHosts: ["images.example"] }, 200],
    [{ denyHosts: ["sample.invalid"] }, 403],
    [{ page: false }, 502],
  ] as const;
  for (const [config, status] of rows) {
    await using proxy = await startProxy({ config: { ...config } as never });
    const response = await proxy.get(`/60x/${sampleUrl("badge.png")}`);
    assert.equal(response.status, status, JSON.stringify(config));
    await response.body?.cancel();
  }
});
