import assert from "node:assert/strict";
import { createRequestReader } from "../../src/request/reader.ts";
import { parseRequest } from "../../src/request/image_request.ts";

const SHORT = "/200x/http://images.example.com/a.jpg";

Deno.test("createRequestReader() gives the same object for the same target", () => {
  const read = createRequestReader((target) => parseRequest(target));
  assert.equal(read(SHORT), read(SHORT));
  assert.notEqual(read(SHORT), read(`${SHORT}?b`));
});

Deno.test("createRequestReader() remembers long targets only as far as memory goes, whatever makes them long", () => {
  const long = "x".repeat(5900);
  for (
    const targetOf of [
      (index: number) =>
        `/overlay:${btoa(`http://a.example/${index}${long}`).replace(/=+$/, "")}/http://a.b/`,
      (index: number) => `/200x/http://a.example/${index}${long}`,
      (index: number) => `/200x,${"q80,".repeat(1400)}q${index % 100 + 1}/http://a.b/${index}`,
    ]
  ) {
    const read = createRequestReader((target) => parseRequest(target, { maxTokens: 5000 }));
    const first = read(SHORT);
    for (let index = 0; index < 100; index++) read(targetOf(index));
    assert.equal(read(SHORT), first);
    for (let index = 0; index < 1000; index++) read(targetOf(index));
    assert.notEqual(read(SHORT), first, targetOf(0).slice(0, 20));
  }
});
