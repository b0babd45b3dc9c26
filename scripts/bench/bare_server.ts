// What Deno.serve can do at most: the same bytes for every request. bare_server.ts PORT BYTES
const [port, length] = Deno.args.map(Number);
const body = new Uint8Array(length!).map((_, index) => index * 31);
const headers = { "content-type": "image/jpeg" };
Deno.serve(
  { hostname: "127.0.0.1", port: port!, onListen() {} },
  () => new Response(body, { headers }),
);
