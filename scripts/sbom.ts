// The bill of materials of a release, in the CycloneDX format, made from deno.lock: what is in the lock file
// and reached from the packages that the program imports, and nothing else.

export interface LockFile {
  /** `npm:hono@4.13.19` → `4.13.19`, with the versions of peers where they matter. */
  specifiers: Readonly<Record<string, string>>;
  npm: Readonly<Record<string, LockedPackage>>;
}

export interface LockedPackage {
  integrity: string;
  dependencies?: readonly string[];
  optionalDependencies?: readonly string[];
  optionalPeers?: readonly string[];
}

/** Names and versions, sorted, of the packages that these specifiers lead to. Throws on one that is not locked. */
export function shippedPackages(lock: LockFile, specifiers: readonly string[]): string[] {
  const names = specifiers.map((specifier) => {
    const version = lock.specifiers[specifier];
    if (version === undefined) throw new Error(`${specifier} is not in deno.lock`);
    return `${/^npm:(@?[^@]+)/.exec(specifier)![1]}@${version}`;
  });
  const reached = new Set<string>();
  const visit = (name: string) => {
    const key = keyOf(lock, name);
    if (reached.has(key)) return;
    reached.add(key);
    for (const dependency of lock.npm[key]!.dependencies ?? []) visit(dependency);
  };
  names.forEach(visit);
  return [...new Set([...reached].map(withoutPeers))].sort();
}

export interface SbomOptions {
  name: string;
  version: string;
  lock: LockFile;
  packages: readonly string[];
}

/** A CycloneDX 1.6 document. */
export function createSbom({ name, version, lock, packages }: SbomOptions) {
  const integrity = new Map(
    Object.entries(lock.npm).map(([key, entry]) => [withoutPeers(key), entry.integrity]),
  );
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "application",
        name,
        version,
        licenses: [{ license: { id: "Apache-2.0" } }],
      },
    },
    components: packages.map((id) => {
      const at = id.lastIndexOf("@");
      const [algorithm, digest] = integrity.get(id)!.split(/-(.*)/s);
      return {
        type: "library",
        name: id.slice(0, at),
        version: id.slice(at + 1),
        purl: `pkg:npm/${id.slice(0, at).replace("@", "%40")}@${id.slice(at + 1)}`,
        hashes: [{
          alg: algorithm!.toUpperCase().replace("SHA", "SHA-"),
          content: Uint8Array.fromBase64(digest!).toHex(),
        }],
      };
    }),
  };
}

/** A dependency is written with its version only where there are several. */
function keyOf(lock: LockFile, name: string): string {
  if (Object.hasOwn(lock.npm, name)) return name;
  const key = Object.keys(lock.npm).find((key) =>
    key.startsWith(`${name}@`) || key.startsWith(`${name}_`)
  );
  if (key === undefined) throw new Error(`${name} is not in deno.lock`);
  return key;
}

function withoutPeers(key: string): string {
  return key.replace(/(?<=.@[^_]+)_.*$/, "");
}
