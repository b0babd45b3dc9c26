import assert from "node:assert/strict";
import { checkNamedPlaces } from "../../src/settings/named_places.ts";
import { resolveConfig } from "../../src/settings/resolve.ts";

const ROWS: readonly (readonly [Record<string, string | string[]>, RegExp | undefined])[] = [
  [{}, undefined],
  [{ source: "photos=file:/a", baseURL: "photos:", allowHosts: "photos:,example.com" }, undefined],
  [{ baseURL: "photos:" }, /-baseURL names the source photos: .* there are none/],
  [
    { source: ["photos=file:/a", "shop=file:/b"], allowHosts: "fotos:" },
    /-allowHosts names the source fotos: which no -source gives; there are photos:, shop:/,
  ],
  [{ source: "photos=file:/a", denyHosts: "shop:" }, /-denyHosts names the source shop:/],
  [{ fallbackImage: "file:/a.png /b.png ./c:d.png https://example.com/ C:/a" }, undefined],
  [{ fallbackImage: "preset:a=shop:b.png" }, /-fallbackImage names the source shop:/],
  [{ overlay: "a=@/b c.png d=./e.png f=https://example.com/ g=C:/h" }, undefined],
  [{ overlay: "logo=shop:b.png" }, /-overlay names the source shop:/],
  [{ origins: '{"shop:,a.example":{}}' }, /-origins names the source shop:/],
  [{ origins: '{"a.example":{"fallbackImage":"shop:a"}}' }, /-origins names the source shop:/],
  [{ source: ["photos=file:/a", "photos=file:/b"] }, /-source gives the name photos twice/],
];

Deno.test("checkNamedPlaces() finds settings that name a source that there is not", () => {
  for (const [flags, sentence] of ROWS) {
    const { config, problems } = resolveConfig(flags, () => undefined);
    assert.deepEqual(problems, []);
    if (sentence) assert.throws(() => checkNamedPlaces(config), sentence);
    else checkNamedPlaces(config);
  }
});
