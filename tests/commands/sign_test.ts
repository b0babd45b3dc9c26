import assert from "node:assert/strict";
import { authorise } from "../../src/request/access.ts";
import { parseRequest } from "../../src/request/image_request.ts";
import { run } from "../testing/server_process.ts";

const CODERCAT = "https://octodex.github.com/images/codercat.jpg";
/** The example of the Go program's documentation: its key, URL, options and signature. */
const DOCUMENTED = "0sR2kjyfiF1RQRj4Jm2fFa3_6SDFqdAaDEmy1oD2U-4=";
const URL_ONLY = "cw34eyalj8YvpLpETxSIxv2k8QkLel2UAR5Cku2FzGM=";

/** Of "photos:a/b.jpg#400x400", and of "photos:a/b.jpg#0x0", as OpenSSL computes them. */
const OF_SOURCE = "V1ntNBigDZsybuGVkmefLMOvIyrV_WzijTPm1otK4H8=";
const OF_SOURCE_ALONE = "vVJQI3bvmvVhGUDQnqGkzXU9uroI7bY0k4_cvyepZKg=";

// arguments, lines of stdout
const SIGNED: readonly (readonly [args: readonly string[], stdout: readonly string[]])[] = [
  [["-signature", `${CODERCAT}#400x400,q40`], [DOCUMENTED]],
  [["-signature", "-options", `${CODERCAT}#q40,400`], [DOCUMENTED]],
  [["-signature", "--url", `${CODERCAT}#400x400,q40`], [URL_ONLY]],
  [["-signature", "-options=false", CODERCAT], [URL_ONLY]],
  [[`${CODERCAT}#400x400,q40`], [`/400x400,q40,s${DOCUMENTED}/${CODERCAT}`]],
  [
    [`http://localhost:8080/400x400,q40/${CODERCAT}`, `/q40,400x400/${CODERCAT}`],
    [
      `http://localhost:8080/400x400,q40,s${DOCUMENTED}/${CODERCAT}`,
      `/q40,400x400,s${DOCUMENTED}/${CODERCAT}`,
    ],
  ],
  // A signature that is there already is replaced.
  [
    [`/400x400,s${URL_ONLY},q40/${CODERCAT}`],
    [`/400x400,q40,s${DOCUMENTED}/${CODERCAT}`],
  ],
  [["-url", `/${CODERCAT}`, `/x/${CODERCAT}`], [
    `/s${URL_ONLY}/${CODERCAT}`,
    `/s${URL_ONLY}/${CODERCAT}`,
  ]],
  [
    ["-source", "photos=file:/a", "/400/photos:a/b.jpg", "/photos:a/b.jpg", "photos:a/b.jpg#400"],
    [
      `/400,s${OF_SOURCE}/photos:a/b.jpg`,
      `/s${OF_SOURCE_ALONE}/photos:a/b.jpg`,
      `/400,s${OF_SOURCE}/photos:a/b.jpg`,
    ],
  ],
  [
    ["-source", "photos=file:/a", "-baseURL", "photos:", "/400/a/b.jpg"],
    [`/400,s${OF_SOURCE}/a/b.jpg`],
  ],
  [
    ["-url", `/400x400/${encodeURIComponent(CODERCAT)}`],
    [`/400x400,s${URL_ONLY}/${encodeURIComponent(CODERCAT)}`],
  ],
];

/** What a browser asks for is what is signed: URL as written, URL as printed but for the signature. */
const ENCODED: readonly (readonly [string, string])[] = [
  ["/200/https://example.com/a b.jpg", "/200/https://example.com/a%20b.jpg"],
  ["/200/https://example.com/ü.jpg", "/200/https://example.com/%C3%BC.jpg"],
  ["/200/https://bücher.example/a.jpg", "/200/https://b%C3%BCcher.example/a.jpg"],
  [`/200/https://example.com/"a"'b'.jpg`, "/200/https://example.com/%22a%22%27b%27.jpg"],
  ["/200/https://example.com/a?b='c d'", "/200/https://example.com/a?b=%27c%20d%27"],
  ["/200/https://example.com/a\\b|c^d", "/200/https://example.com/a%5Cb%7Cc%5Ed"],
  ["/200/https://example.com/a%20%E9", "/200/https://example.com/a%20%E9"],
  ["https://example.com/ü ö.jpg#200", "/200/https://example.com/%C3%BC%20%C3%B6.jpg"],
  [
    "http://localhost/200/https://example.com/a b",
    "http://localhost/200/https://example.com/a%20b",
  ],
];

Deno.test("imageproxy sign signs what will be requested, however it is written", async () => {
  const { stdout, code } = await run(["sign", "-key", "secretkey", ...ENCODED.map(([url]) => url)]);
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split("\n");
  lines.forEach((line, index) => {
    assert.equal(line.replace(/,s[\w-]{43}=/, ""), ENCODED[index]![1]);
    const target = line.replace(/^http:\/\/localhost/, "");
    // Nothing that a browser would change, and valid as it stands.
    assert.equal(new URL(target, "http://localhost").href, `http://localhost${target}`);
    const policy = {
      signatureKeys: [new TextEncoder().encode("secretkey")],
      signedOptionsOnly: true,
    };
    assert.deepEqual(authorise(parseRequest(target), policy, { now: 0 }), {
      signed: true,
      signsOptions: true,
    });
  });
});

for (const [args, stdout] of SIGNED) {
  Deno.test(`imageproxy sign ${args.join(" ")}`, async () => {
    const output = await run(["sign", "-key", "secretkey", ...args]);
    assert.equal(output.stderr, "");
    assert.deepEqual(output.stdout.trimEnd().split("\n"), stdout);
    assert.equal(output.code, 0);
  });
}

Deno.test("imageproxy sign warns of a proxy's URL that it can only take for a remote one", async () => {
  const url = "http://localhost:8080/200x,webp/photos:photo.jpg";
  const { stdout, stderr, code } = await run(["sign", "-key", "secretkey", url]);
  assert.match(stdout, /^\/s[\w-]{43}=\/http:\/\/localhost:8080\/200x,webp\/photos:photo\.jpg\n$/);
  assert.match(
    stderr,
    /^imageproxy: Warning: .* no source photos is known here, .* -source names\n$/,
  );
  assert.equal(code, 0);
  for (const remote of ["http://a.example/x/http://b.example/c", "http://a.example/b/c:d.jpg"]) {
    assert.equal((await run(["sign", "-key", "secretkey", remote])).stderr, "", remote);
  }
});

Deno.test("imageproxy sign takes its key from a file, a variable, and nowhere else", async () => {
  const file = await Deno.makeTempFile({ prefix: "imageproxy-" });
  try {
    await Deno.writeTextFile(file, "secretkey\n");
    const args = ["sign", "-signature", `${CODERCAT}#400x400,q40`];
    for (
      const options of [
        { env: { IMAGEPROXY_SIGNATUREKEY: "secretkey another" } },
        { env: { IMAGEPROXY_SIGNATUREKEY: `@${file}` } },
      ]
    ) assert.equal((await run(args, options)).stdout.trim(), DOCUMENTED);
    assert.equal((await run([...args, "-key", `@${file}`])).stdout.trim(), DOCUMENTED);
    const refusals: readonly (readonly [readonly string[], RegExp])[] = [
      [args, /No key: give -key/],
      [[...args, "-key", "@/no/such/file"], /-key cannot read the key file \/no\/such\/file/],
      [["sign", "-key=k"], /sign needs a URL/],
      [["sign", "-key=k", "-url", "-options", CODERCAT], /-url and -options cannot both be/],
      [["sign", "-key=k", "ftp://example.com/"], /Cannot sign ftp/],
      [["sign", "-key=k", `/r45/${CODERCAT}`], /"r45"/],
      [["sign", "-key=k", `${CODERCAT}#r45`], /"r45"/],
    ];
    for (const [words, says] of refusals) {
      const { code, stderr, stdout } = await run(words);
      assert.match(stderr, says);
      assert.equal(stdout, "");
      assert.equal(code, 1);
    }
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("imageproxy sign signs the URLs of other servers as those do", async () => {
  const imgproxy = ["-dialect", "imgproxy", "-dialectKey", "imgproxy=736563726574:68656C6C6F"];
  const path = "rs:fill:300:400:0/g:sm/aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.png";
  const rows: readonly (readonly [readonly string[], string])[] = [
    // The examples of imgproxy's and imagor's documentation.
    [
      [...imgproxy, `http://localhost/imgproxy/insecure/${path}`],
      `http://localhost/imgproxy/oKfUtW34Dvo2BGQehJFR4Nr0_rIjOtdtzJ3QFsUcXH8/${path}`,
    ],
    [
      [
        "-dialect",
        "imagor=/",
        "-key",
        "mysecret",
        "/unsafe/500x500/top/raw.githubusercontent.com/cshum/imagor/master/testdata/gopher.png",
      ],
      "/cST4Ko5_FqwT3BDn-Wf4gO3RFSk=/500x500/top/raw.githubusercontent.com/cshum/imagor/master/testdata/gopher.png",
    ],
  ];
  for (const [args, signed] of rows) {
    const { stdout, stderr, code } = await run(["sign", ...args]);
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.equal(stdout.trim(), signed);
  }
  const refusals: readonly (readonly [readonly string[], RegExp])[] = [
    [["-dialect", "imgproxy", "/imgproxy/_/w:1/plain/https://h/a"], /No key of imgproxy/],
    [["-dialect", "ipx", "/ipx/w_1/https://h.example.com/a"], /bear no signature/],
    [["-dialect", "imgproxy", "-key", "x", "/imgproxy/_/w:1/plain/https://h/a"], /key and a salt/],
  ];
  for (const [args, says] of refusals) {
    const { stderr, code } = await run(["sign", ...args]);
    assert.match(stderr, says);
    assert.equal(code, 1);
  }
});
