import assert from "node:assert/strict";
import denoConfig from "../../deno.json" with { type: "json" };
import { resolveConfig } from "../../src/settings/resolve.ts";
import { SETTINGS, variableOf } from "../../src/settings/table.ts";
import { findCommand } from "../testing/command.ts";

const DEPLOY = new URL("../../deploy/", import.meta.url);
const CHART = new URL("helm/", DEPLOY).pathname;
const helm = findCommand("helm");

const read = (name: string) => Deno.readTextFileSync(new URL(name, DEPLOY));

Deno.test("what the examples set are settings, with values that the program takes", () => {
  for (const name of ["kubernetes.yaml", "compose.yaml", "imageproxy.service"]) {
    const text = read(name).replaceAll(/^ *#.*$/gm, "");
    const set = new Map(
      [...text.matchAll(/(IMAGEPROXY_\w+)(?:: *"?|=)([^"\n]*)/g)].map(([, key, value]) =>
        [key!, value!.replace("%C", "/var/cache")] as const
      ),
    );
    assert.ok(set.size > 0, name);
    assert.deepEqual(problemsOf(set), [], name);
  }
});

Deno.test("the examples and the chart are of the program's version", () => {
  assert.match(read("kubernetes.yaml"), new RegExp(`image: imageproxy:${denoConfig.version}\n`));
  assert.match(read("helm/Chart.yaml"), new RegExp(`^appVersion: ${denoConfig.version}\n`, "m"));
});

Deno.test({
  name: `the chart renders what its values say${helm ? "" : " (skipped: no helm)"}`,
  ignore: !helm,
  async fn() {
    await run("lint", "--strict", CHART);
    const usual = await run("template", "pics", CHART);
    assert.deepEqual(kindsOf(usual), [
      "ConfigMap pics",
      "Deployment pics",
      "Deployment pics-redis",
      "HorizontalPodAutoscaler pics",
      "NetworkPolicy pics",
      "NetworkPolicy pics-redis",
      "PodDisruptionBudget pics",
      "Service pics",
      "Service pics-redis",
    ]);
    const variables = (text: string) =>
      new Map(
        [...text.matchAll(/^ {2}(IMAGEPROXY_\w+): "(.*)"$/gm)].map(([, key, value]) =>
          [key!, value!] as const
        ),
      );
    assert.deepEqual(problemsOf(variables(usual)), []);
    assert.equal(variables(usual).get("IMAGEPROXY_CACHE"), "memory:200 redis://pics-redis:6379");
    const other = await run(
      ...["template", "pics", CHART],
      "--set",
      "redis.enabled=false,autoscaling.enabled=false,ingress.enabled=true,replicas=5,secretName=keys," +
        "settings.signatureKey=@/keys/a,settings.cache=redis://mine:6379",
    );
    assert.deepEqual(kindsOf(other), [
      "ConfigMap pics",
      "Deployment pics",
      "Ingress pics",
      "NetworkPolicy pics",
      "PodDisruptionBudget pics",
      "Service pics",
    ]);
    assert.equal(variables(other).get("IMAGEPROXY_CACHE"), "redis://mine:6379");
    assert.match(other, /^ {2}replicas: 5$/m);
    assert.match(other, /secretRef: \{ name: keys \}/);
  },
});

/** What the program would say to such an environment; what is unknown is named first. */
function problemsOf(set: ReadonlyMap<string, string>): readonly string[] {
  const known = new Set(Object.keys(SETTINGS).map(variableOf));
  const unknown = [...set.keys()].filter((name) => !known.has(name));
  return [...unknown, ...resolveConfig({}, (name) => set.get(name)).problems];
}

function kindsOf(rendered: string): string[] {
  return rendered.split(/^---$/m).slice(1)
    .map((part) => `${/^kind: (\w+)/m.exec(part)![1]} ${/^ {2}name: (\S+)/m.exec(part)![1]}`)
    .sort();
}

async function run(...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(helm!, { args: [...args] }).output();
  assert.ok(success, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
