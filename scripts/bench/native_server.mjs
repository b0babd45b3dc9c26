// Native libvips as a server, the way people run it: `sharp` behind node's own http server, or `ipx` as it
// comes. Run by node in a folder where both are installed: native_server.mjs KIND PORT FOLDER
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [, , kind, port, folder] = process.argv;
const require = createRequire(`${folder}/`);

createServer(kind === "ipx" ? await ipxListener() : sharpListener())
  .listen(Number(port), "127.0.0.1");

async function ipxListener() {
  const { createIPX, createIPXNodeServer, ipxHttpStorage } = await import(
    pathToFileURL(require.resolve("ipx")).href
  );
  return createIPXNodeServer(createIPX({ httpStorage: ipxHttpStorage({ allowAllDomains: true }) }));
}

function sharpListener() {
  const sharp = require("sharp");
  return async (request, response) => {
    if (request.url === "/") return response.end("OK");
    try {
      const query = new URL(request.url, "http://localhost").searchParams;
      const origin = await fetch(query.get("url"));
      const bytes = await sharp(await origin.arrayBuffer(), { animated: query.has("animated") })
        .rotate()
        .resize(Number(query.get("width")))
        .toFormat(query.get("format"), settingsOf(query))
        .toBuffer();
      response.writeHead(200, { "content-type": `image/${query.get("format")}` }).end(bytes);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  };
}

function settingsOf(query) {
  return {
    ...(query.has("quality") ? { quality: Number(query.get("quality")) } : {}),
    ...(query.has("effort") ? { effort: Number(query.get("effort")) } : {}),
  };
}
