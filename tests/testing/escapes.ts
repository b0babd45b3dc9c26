// Ways out of a folder, as they have been tried on servers of files: each must be refused, or be the name of
// nothing. They are written as they stand in a request target.

const DOTS = [
  ...["..", "%2e%2e", "%2E%2E", ".%2e", "%2e.", "%252e%252e", "%25252e%25252e", "%252e.", ".%252E"],
  ...[
    "..;",
    "..;x=y",
    "%2e%2e;",
    "..%3b",
    ".. ",
    "..%20",
    "%20..",
    "..%09",
    "...",
    "....",
    ".%00.",
  ],
  ...[
    "..%00",
    "%c0%ae%c0%ae",
    "%c0%2e%c0%2e",
    "%e0%80%ae%e0%80%ae",
    "%u002e%u002e",
    "%uff0e%uff0e",
  ],
  ...["．．", "%ef%bc%8e%ef%bc%8e", "‥", "%e2%80%a5", "..%ff", "%%32%65%%32%65"],
];
const SLASHES = [
  "/",
  "%2f",
  "%2F",
  "%252f",
  "\\",
  "%5c",
  "%255c",
  "//",
  "/./",
  "%c0%af",
  "∕",
  "%u2215",
];

const TARGETS = ["secret.png", "p7-private/secret.png"];

export const ESCAPES: readonly string[] = [
  ...DOTS.map((dots) => `${dots}/${dots}/secret.png`),
  ...DOTS.map((dots) => `${dots}/secret.png`),
  ...SLASHES.map((slash) => `..${slash}secret.png`),
  ...SLASHES.map((slash) => `a${slash}..${slash}..${slash}..${slash}secret.png`),
  ...SLASHES.map((slash) => `%2e%2e${slash}%2e%2e${slash}secret.png`),
  ...["/etc/passwd", "//etc/passwd", "%2fetc%2fpasswd", "///etc/passwd", "%2Fetc/passwd"],
  ...[
    "file:///etc/passwd",
    "file:/etc/passwd",
    "C:/secret.png",
    "c:%5csecret.png",
    "%5c%5chost%5cx",
  ],
  ...[
    "~/secret.png",
    "$HOME/secret.png",
    "`id`",
    "|id",
    "secret.png%00.png",
    "a.png%00",
    "%00",
    ".",
  ],
  ...["..", "../", "%2e", "./..", "a/..", "a/../..", "?/../secret.png", "a.png/../../secret.png"],
  ...["%0a", "a%0d%0ab", "%7f", "a.png%0a", "\u{e000}", "%ed%a0%80", "%", "%2", "%zz", "a%"],
  ...["a".repeat(2000), "a/".repeat(600), "%e0%a4%a", "/proc/self/environ", "/dev/zero"],
  ...TARGETS.map((target) => `..%2f..%2f..%2f${target}`),
  ...TARGETS.map((target) => `%2e%2e%2f${target}?a=b`),
];
