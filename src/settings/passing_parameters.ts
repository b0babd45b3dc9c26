// Parameters such as the signatures of S3 and CloudFront, which change while the picture stays.

/** A test for names of parameters, by patterns in which * stands for anything; undefined where there are none. */
export function passingParameters(
  patterns: readonly string[],
): ((parameter: string) => boolean) | undefined {
  if (patterns.length === 0) return undefined;
  const tests = patterns.map((pattern) =>
    new RegExp(`^${pattern.split("*").map(RegExp.escape).join(".*")}$`, "s")
  );
  return (parameter) => tests.some((test) => test.test(parameter));
}
