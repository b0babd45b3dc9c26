// Makes the pictures of the README's table with the program itself: one photo, one request per example.
// The photo is docs/pictures/photo.jpg; with --photo FILE it is first made from another one.
import { resolveConfig } from "../src/settings/resolve.ts";
import { startServer } from "../src/server/server.ts";

const FOLDER = new URL("../docs/pictures/", import.meta.url);

/** The examples that users of the Go program know. */
const EXAMPLES = [
  "200x",
  "x0.15",
  "100x150",
  "100",
  "150,fit",
  "100,r90",
  "100,fv,fh",
  "200x,q60",
  "200x,png",
  "cw100,ch100",
  "cx10,cy20,cw100,ch200",
];

const photoAt = Deno.args.indexOf("--photo");
let photo = await Deno.readFile(
  photoAt >= 0 ? Deno.args[photoAt + 1]! : new URL("photo.jpg", FOLDER),
);
const origin = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen() {} },
  () => new Response(photo),
);
const proxy = await startServer({
  config: {
    ...resolveConfig({}, () => undefined).config,
    addr: { hostname: "127.0.0.1", port: 0 },
    allowHosts: ["127.0.0.1"],
  },
  signatureKeys: [],
  sourceKeys: [],
  presets: new Map(),
  authorities: [],
  dialectKeys: [],
  log: { request() {}, event: (_level, message) => console.error(message) },
  env: () => undefined,
});

if (photoAt >= 0) {
  photo = await picture("600x,q80");
  await Deno.writeFile(new URL("photo.jpg", FOLDER), photo);
}
for (const options of EXAMPLES) {
  const bytes = await picture(options);
  const name = `${options.replaceAll(",", "-")}.${options.includes("png") ? "png" : "jpg"}`;
  await Deno.writeFile(new URL(name, FOLDER), bytes);
  console.log(`${name.padEnd(32)} ${bytes.length} bytes`);
}
await proxy.close();
await origin.shutdown();

async function picture(options: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(
    `${proxy.url}/${options}/http://127.0.0.1:${origin.addr.port}/photo.jpg`,
  );
  if (!response.ok) throw new Error(`${options}: ${response.status} ${await response.text()}`);
  return new Uint8Array(await response.arrayBuffer());
}
