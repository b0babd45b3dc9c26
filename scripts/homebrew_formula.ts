// The Homebrew formula of a release: the programs as they were published, with their checksums.
import { TARGETS } from "./compile.ts";

export interface FormulaOptions {
  version: string;
  /** Where the releases lie, as https://host/owner/name/releases. */
  releases: string;
  /** SHA-256 of the files of the release, in hexadecimal, by their names; what is missing is left out. */
  checksums: ReadonlyMap<string, string>;
}

const SYSTEMS = [
  { system: "macos", processors: { arm: "aarch64-apple-darwin", intel: "x86_64-apple-darwin" } },
  {
    system: "linux",
    processors: { arm: "aarch64-unknown-linux-gnu", intel: "x86_64-unknown-linux-gnu" },
  },
] as const;

/** The formula in Ruby. Throws where the release has no program that Homebrew runs on. */
export function createFormula({ version, releases, checksums }: FormulaOptions): string {
  const systems = SYSTEMS.flatMap(({ system, processors }) => {
    const parts = Object.entries(processors).flatMap(([processor, target]) => {
      const name = TARGETS[target];
      const checksum = checksums.get(name);
      if (checksum === undefined) return [];
      return [
        `    on_${processor} do`,
        `      url "${releases}/download/v${version}/${name}"`,
        `      sha256 "${checksum}"`,
        "    end",
      ];
    });
    return parts.length > 0 ? [`  on_${system} do`, ...parts, "  end", ""] : [];
  });
  if (systems.length === 0) throw new Error("No program of this release is for macOS or Linux");
  return `class Imageproxy < Formula
  desc "Caching image proxy"
  homepage "${releases.replace(/\/releases$/, "")}"
  version "${version}"
  license "Apache-2.0"

${systems.join("\n")}
  def install
    bin.install Dir["imageproxy-*"].first => "imageproxy"
    generate_completions_from_executable(bin/"imageproxy", "completions")
  end

  service do
    run [opt_bin/"imageproxy", "-cache", var/"cache/imageproxy"]
    keep_alive true
    log_path var/"log/imageproxy.log"
    error_log_path var/"log/imageproxy.log"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/imageproxy version")
  end
end
`;
}
