import assert from "node:assert/strict";
import { picture, startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy } from "../testing/proxy.ts";

interface Panel {
  id: number;
  type: string;
  title?: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig?: { defaults: { unit?: string } };
  targets?: { expr: string; legendFormat: string }[];
}

interface Dashboard {
  templating: { list: { name: string; type: string; query: string | { query: string } }[] };
  panels: Panel[];
}

const SOURCE = await Deno.readTextFile(
  new URL("../../deploy/grafana-dashboard.json", import.meta.url),
);
const DASHBOARD: Dashboard = JSON.parse(SOURCE);
const CHARTS = DASHBOARD.panels.filter(({ type }) => type !== "row");
const TARGETS = CHARTS.flatMap(({ title, targets = [] }) =>
  targets.map((target) => ({ title, ...target }))
);

/** Labels that do not come from the page: Prometheus adds the instance. */
const ADDED = ["instance"];

Deno.test("every panel of the Grafana dashboard has a title, a description, a unit and a query", () => {
  for (const { id, title, description, fieldConfig, targets } of CHARTS) {
    const name = `panel ${id} ${title}`;
    assert.ok(title, name);
    assert.match(description ?? "", /\.$/, name);
    assert.ok(fieldConfig?.defaults.unit, name);
    assert.ok(targets && targets.length > 0, name);
  }
  for (const { id, title } of DASHBOARD.panels) assert.ok(title, `panel ${id}`);
});

Deno.test("the panels of the Grafana dashboard have ids of their own and do not overlap", () => {
  const ids = DASHBOARD.panels.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  const taken = new Map<string, number>();
  for (const { id, gridPos: { x, y, w, h } } of DASHBOARD.panels) {
    assert.ok(x + w <= 24, `panel ${id} is off the grid`);
    for (let cell = 0; cell < w * h; cell++) {
      const place = `${x + cell % w},${y + Math.floor(cell / w)}`;
      assert.equal(taken.get(place), undefined, `panel ${id} at ${place}`);
      taken.set(place, id);
    }
  }
});

Deno.test("the Grafana dashboard asks for nothing but its own two variables", () => {
  assert.deepEqual(DASHBOARD.templating.list.map(({ name, type }) => `${name} ${type}`), [
    "datasource datasource",
    "instance query",
  ]);
  const used = [...SOURCE.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name!);
  // The last two are Grafana's own: the step that suits a rate, and the choice of all instances.
  assert.deepEqual(
    [...new Set(used)].sort(),
    ["__all", "__rate_interval", "datasource", "instance"],
  );
  for (const { title, expr } of TARGETS) {
    const { samples, selectors } = readQuery(expr);
    assert.equal(selectors.length, samples.length, `${title}: ${expr}`);
    for (const selector of selectors) assert.ok(selector.includes('instance=~"$instance"'), expr);
  }
});

Deno.test("every metric and label in the Grafana dashboard is one that a running proxy shows", async () => {
  await startEngine();
  const folder = await Deno.makeTempDir();
  try {
    await using origin = startOrigin({
      "/a.png": picture(["rg", "by"]),
      "/broken.png": new TextEncoder().encode("no picture"),
    });
    await using proxy = await startProxy({ config: { cache: ["memory:10", folder] } });
    for (const target of [`/1x/${origin.url}/a.png`, `/1x/${origin.url}/broken.png`]) {
      await (await proxy.get(target)).body?.cancel();
    }
    const labels = labelsOf(await (await proxy.get("/metrics")).text());
    for (const { title, expr, legendFormat } of TARGETS) {
      const { samples, selectors, groups } = readQuery(expr);
      assert.ok(samples.length > 0, `${title}: ${expr}`);
      samples.forEach((sample, at) => {
        const shown = labels.get(sample);
        assert.ok(shown, `${title}: the proxy shows no ${sample}`);
        const named = [...selectors[at]!.matchAll(/(\w+)=/g)].map(([, label]) => label!);
        for (const label of named) {
          assert.ok(shown.has(label), `${title}: ${sample} has no label ${label}`);
        }
      });
      const first = labels.get(samples[0]!)!;
      for (const label of groups) assert.ok(first.has(label), `${title}: no label ${label}`);
      // What a query sums away cannot be told from its legend.
      const kept = /\bby\b/.test(expr) ? new Set(groups) : /\bsum\b/.test(expr) ? new Set() : first;
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
        assert.ok(kept.has(label!), `${title}: no ${label} in the legend`);
      }
    }
    for (const { name, query } of DASHBOARD.templating.list) {
      if (typeof query === "string") continue;
      const [, metric] = /^label_values\((\w+), instance\)$/.exec(query.query)!;
      assert.ok(labels.has(metric!), name);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The samples that a query reads, each with its selector, and the labels that it groups by. */
function readQuery(expr: string): { samples: string[]; selectors: string[]; groups: string[] } {
  const groups = [...expr.matchAll(/\bby \(([^)]*)\)/g)]
    .flatMap(([, list]) => list!.split(", "));
  const selectors = expr.match(/\{[^}]*\}/g) ?? [];
  const samples = expr
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]|\b(by|on|group_left) \([^)]*\)/g, " ")
    .match(/\b[a-z_]\w*\b(?!\s*\()/g) ?? [];
  return { samples: samples.filter((word) => word !== "or"), selectors, groups };
}

/** The labels of every sample on a metrics page, by its whole name: a histogram's has its suffix. */
function labelsOf(page: string): Map<string, Set<string>> {
  const labels = new Map<string, Set<string>>();
  for (const [, name, list = ""] of page.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    const found = labels.get(name!) ?? new Set(ADDED);
    for (const [, label] of list.matchAll(/(\w+)="/g)) found.add(label!);
    labels.set(name!, found);
  }
  return labels;
}
