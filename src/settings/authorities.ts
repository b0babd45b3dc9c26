// Whom to trust for https besides the authorities that Deno brings along: those of the system, as other
// programs of the machine do, and those in the files of -caFile.
import { X509Certificate } from "node:crypto";

/** Where systems keep their authorities in one file: Debian, Fedora, openSUSE, RHEL, Alpine and the BSDs. */
const SYSTEM_FILES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g;

export interface AuthorityFiles {
  readTextFile(path: string): Promise<string>;
}

/**
 * Certificates in PEM, each for itself and once. Those that Deno trusts anyway are among them: to ask which these
 * are takes a permission that Deno 2.6 cannot give, and a handshake takes no longer for them. Rejects with one
 * sentence where a file that was given cannot be read or holds none.
 */
export async function readAuthorities(
  files: readonly string[],
  { readTextFile }: AuthorityFiles,
): Promise<string[]> {
  const given = await Promise.all(files.map((path) => readGiven(path, readTextFile)));
  const system = await systemCertificates(readTextFile);
  const unique = new Map(
    [...given.flat(), ...system.filter(isCertificate)].map((pem) => [bare(pem), pem]),
  );
  return [...unique.values()];
}

async function readGiven(
  path: string,
  readTextFile: AuthorityFiles["readTextFile"],
): Promise<string[]> {
  const text = await readTextFile(path).catch((cause) => {
    throw new Error(`-caFile cannot read the file ${path}: ${cause.message}`, { cause });
  });
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0 || !certificates.every(isCertificate)) {
    throw new Error(`-caFile: the file ${path} does not hold certificates in PEM`);
  }
  return certificates;
}

/** Of the first of the usual files that is there. */
async function systemCertificates(readTextFile: AuthorityFiles["readTextFile"]): Promise<string[]> {
  for (const path of SYSTEM_FILES) {
    const text = await readTextFile(path).catch(() => undefined);
    if (text !== undefined) return text.match(CERTIFICATE) ?? [];
  }
  return [];
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

/** A certificate's letters, whatever the line ends. */
function bare(pem: string): string {
  return pem.replace(/-----[^-]*-----|\s/g, "");
}
