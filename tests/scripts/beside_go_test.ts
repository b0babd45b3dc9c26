import assert from "node:assert/strict";
import { NAMED } from "../../scripts/beside_go/differences.ts";
import { SETUPS } from "../../scripts/beside_go/random_requests.ts";

/** The Go program, where one is at hand to compare with. */
const GO_PROGRAM = Deno.env.get("IMAGEPROXY_GO_PROGRAM");
const ROOT = new URL("../../", import.meta.url);

Deno.test("docs/from-go.md names every difference that scripts/beside_go.ts lets pass", async () => {
  const text = await Deno.readTextFile(new URL("docs/from-go.md", ROOT));
  const plain = text.replaceAll(/\s+/g, " ");
  for (const { name } of NAMED) assert.ok(plain.includes(name), name);
});

Deno.test("scripts/beside_go.ts shares out all of its requests without a cache", () => {
  const sum = SETUPS.reduce((total, { cache, share }) => total + (cache ? 0 : share), 0);
  assert.equal(Math.round(sum * 1000), 1000);
});

Deno.test("scripts/beside_go.ts says that it is skipped where there is no Go", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--lock=dev.lock", "--no-check", "-A", "scripts/beside_go.ts"],
    cwd: ROOT,
    env: { PATH: "/nowhere", NO_COLOR: "1" },
  }).output();
  assert.equal(code, 0);
  assert.match(new TextDecoder().decode(stdout), /^Skipped: there is no Go/);
});

Deno.test({
  name: "random requests differ from the Go program's answers only as docs/from-go.md says" +
    (GO_PROGRAM ? "" : " (skipped: IMAGEPROXY_GO_PROGRAM names no Go program)"),
  ignore: GO_PROGRAM === undefined,
  async fn() {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--lock=dev.lock", "--no-check", "-A", "scripts/beside_go.ts"],
        ...["--go", GO_PROGRAM!, "--count", "200", "--seed", "3"],
      ],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
    }).output();
    const [said, failed] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.equal(code, 0, `${said}${failed}`);
    assert.match(said!, /^\d+ requests: .* 0 otherwise$/m);
  },
});
