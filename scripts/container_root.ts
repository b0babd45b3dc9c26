// Makes the root folder of the container image from the last stage of the Dockerfile, without a container
// engine: `deno run -A scripts/container_root.ts FOLDER`. Tests run the program in it by chroot. What engines
// mount by themselves, /proc, has its place there: the program finds itself by it.

/** What a container engine would know of the image. */
export interface Image {
  user: string;
  env: Readonly<Record<string, string>>;
  entrypoint: readonly string[];
  healthcheck: readonly string[];
  copies: readonly Copy[];
}

export interface Copy {
  /** Paths in the build stage; a `*` stands for anything but a slash. */
  from: readonly string[];
  to: string;
  owner?: string;
}

/** Reads the last stage; throws on an instruction that it does not know. */
export function parseImage(dockerfile: string): Image {
  const stage = dockerfile.replaceAll(/^#.*\n/gm, "").replaceAll(/\\\n\s*/g, "").split(/^FROM .*$/m)
    .at(-1)!;
  const copies: Copy[] = [];
  const env: Record<string, string> = {};
  const found = { user: "", entrypoint: [] as string[], healthcheck: [] as string[] };
  for (const [, instruction, rest = ""] of stage.matchAll(/^([A-Z]+) (.*)$/gm)) {
    const words = rest.split(" ");
    const paths = words.filter((word) => !word.startsWith("--"));
    const list = () => JSON.parse(rest.slice(rest.indexOf("[")));
    if (instruction === "COPY") {
      const owner = words.find((word) => word.startsWith("--chown="))?.slice("--chown=".length);
      copies.push({ from: paths.slice(0, -1), to: paths.at(-1)!, ...(owner ? { owner } : {}) });
    } else if (instruction === "ENV") {
      const [, name, value] = /^(\w+)=(\S*)$/.exec(rest)!;
      env[name!] = value!;
    } else if (instruction === "USER") found.user = rest;
    else if (instruction === "ENTRYPOINT") found.entrypoint = list();
    else if (instruction === "HEALTHCHECK") found.healthcheck = list();
    else if (instruction !== "EXPOSE" && instruction !== "VOLUME") {
      throw new Error(`Cannot follow the instruction ${instruction} of the Dockerfile`);
    }
  }
  return { ...found, env, copies };
}

export interface ContainerRootOptions {
  /** An empty folder, or one to be made. */
  folder: string;
  /** The compiled program, in the place of the build stage's. */
  binary: string;
}

/** Copies what the image would hold. Throws where a file of the list does not exist here. */
export async function makeContainerRoot(
  image: Image,
  { folder, binary }: ContainerRootOptions,
): Promise<void> {
  await Deno.mkdir(`${folder}/proc`, { recursive: true });
  for (const { from, to, owner } of image.copies) {
    for (const pattern of from) {
      const isEmptyFolder = pattern === "/src/empty";
      const isBinary = pattern.startsWith("/src/");
      const paths = isBinary ? [binary] : await expand(pattern);
      if (paths.length === 0) throw new Error(`There is no ${pattern} here`);
      for (const path of paths) {
        const target = folder + (to.endsWith("/") ? to + path.split("/").at(-1) : to);
        await Deno.mkdir(isEmptyFolder ? target : target.replace(/[^/]*$/, ""), {
          recursive: true,
        });
        if (!isEmptyFolder) await Deno.copyFile(await Deno.realPath(path), target);
        if (owner) {
          const [user, group] = owner.split(":").map(Number);
          await Deno.chown(target, user!, group!);
        }
      }
    }
  }
}

/** The paths that exist for a pattern; a `*` stands for anything but a slash. */
async function expand(pattern: string): Promise<string[]> {
  let found = [""];
  for (const part of pattern.split("/").slice(1)) {
    const name = new RegExp(`^${part.replaceAll(".", "\\.").replaceAll("*", "[^/]*")}$`);
    const next: string[] = [];
    for (const folder of found) {
      for await (const entry of Deno.readDir(folder || "/")) {
        if (name.test(entry.name)) next.push(`${folder}/${entry.name}`);
      }
    }
    found = next;
  }
  return found;
}

if (import.meta.main) {
  const [folder, binary = "dist/imageproxy"] = Deno.args;
  if (!folder) {
    console.error("Usage: container_root.ts FOLDER [PROGRAM]");
    Deno.exit(2);
  }
  if (!await Deno.stat(binary).then(() => true, () => false)) {
    console.error(`There is no ${binary}: deno task compile makes it`);
    Deno.exit(1);
  }
  const image = parseImage(await Deno.readTextFile("Dockerfile"));
  await makeContainerRoot(image, { folder, binary });
  console.log(
    `${folder}: ${binary} and what it links. Mount proc on ${folder}/proc, and run it as ${image.user}.`,
  );
}
