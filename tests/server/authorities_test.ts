import assert from "node:assert/strict";
import { authorised, authorisedKey, authority } from "../testing/certificate.ts";
import { picture, startEngine } from "../testing/pictures.ts";
import { startProxy } from "../testing/proxy.ts";

await startEngine();
const PICTURE = picture(["rg", "by"], { scale: 20, format: "JPEG" });

Deno.test("-caFile adds an authority, and without it the answer says that TLS failed and why", async () => {
  const file = await Deno.makeTempFile({ suffix: ".pem" });
  try {
    await Deno.writeTextFile(file, authority);
    await using origin = Deno.serve(
      { hostname: "127.0.0.1", port: 0, cert: authorised, key: authorisedKey, onListen() {} },
      () => new Response(PICTURE),
    );
    const target = `/20x/https://origin.test:${origin.addr.port}/a.jpg`;
    const lookup = () => Promise.resolve(["127.0.0.1"]);
    for (
      const [caFile, status, text] of [
        [[file], 200, /./],
        [[], 502, /^No TLS connection to the origin: its certificate comes from an authority that/],
      ] as const
    ) {
      await using proxy = await startProxy({ config: { caFile }, lookup });
      const response = await proxy.get(target);
      assert.equal(response.status, status);
      assert.match(await response.text(), text);
    }
    await assert.rejects(
      startProxy({ config: { caFile: ["/no/such/file"] } }),
      /-caFile cannot read/,
    );
  } finally {
    await Deno.remove(file);
  }
});
