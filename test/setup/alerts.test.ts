/**
 * deploy/alerts.yaml by itself, evaluated by Prometheus' own promtool; that its series are served is for test/e2e/metrics.test.ts,
 * which asks a worker.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { askedBy, promtool } from '../support/prometheus';

const root = join(__dirname, '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const file = parse(read('deploy/alerts.yaml')) as { groups: { name: string; rules: Rule[] }[] };
const rules = file.groups.flatMap((group) => group.rules);
const headings = [...read('docs/operations.md').matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
  title.replaceAll('"', ''),
);

test('each of them has a name of its own', () => {
  expect(Object.keys(file)).toEqual(['groups']);
  expect(file.groups.map(({ name }) => name)).toEqual(['countersign']);
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
});

test.each(rules)('$alert says how bad it is, in a sentence, and where to read on', (rule) => {
  const { alert, labels, annotations } = rule;
  expect(Object.keys(rule).filter((key) => key !== 'for')).toEqual([
    'alert',
    'expr',
    'labels',
    'annotations',
  ]);
  expect(alert).toMatch(/^Countersign[A-Z]\w+$/);
  expect(rule.for ?? '1m').toMatch(/^\d+[smh]$/);
  expect(Object.keys(labels)).toEqual(['severity']);
  expect(['warning', 'critical']).toContain(labels['severity']);
  expect(Object.keys(annotations)).toEqual(['summary', 'runbook']);
  const [, page, heading = ''] = /^(\S+), "(.*)"$/.exec(annotations['runbook'] ?? '') ?? [];
  expect(page).toBe('docs/operations.md');
  expect(headings).toContain(heading);
});

test.each(rules)('$alert speaks only of labels that are left', ({ expr, annotations }) => {
  const named = [...(annotations['summary'] ?? '').matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label);
  expect(askedBy(expr).by).toEqual(expect.arrayContaining(named));
});

test('what is no PromQL is refused', () => {
  expect(() => askedBy('sum by (x (foo)')).toThrow('not PromQL');
  expect(askedBy('max by (a, b) (rate(x{c="d"}[5m])) > 2')).toEqual({
    series: [{ name: 'x', labels: { c: 'd' } }],
    by: ['a', 'b'],
  });
});

describe('by promtool', () => {
  const tried = parse(read('deploy/alerts.test.yaml'), { merge: true }) as {
    tests: { name: string; alert_rule_test: { alertname: string; exp_alerts: object[] }[] }[];
  };
  const folder = mkdtempSync(join(tmpdir(), 'countersign-alerts-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** How promtool ends on one rule, under what ours of its name is tried with. */
  async function ends(rule: Rule, how: 'check' | 'test'): Promise<number> {
    const tests = tried.tests.filter(({ name }) => name === rule.alert);
    const written = {
      'alerts.yaml': { groups: [{ name: 'one', rules: [rule] }] },
      'tests.yaml': { ...tried, tests },
    };
    for (const [name, content] of Object.entries(written))
      writeFileSync(join(folder, name), stringify(content));
    const name = how === 'test' ? 'tests.yaml' : 'alerts.yaml';
    return (await promtool(how, 'rules', join(folder, name))).code;
  }

  test('the rules are rules', async () => {
    const { code, out } = await promtool('check', 'rules', join(root, 'deploy/alerts.yaml'));
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringContaining(`${String(rules.length)} rules found`) as unknown,
    });
  });

  test('each of them fires when it should, in the words that it should', async () => {
    const { code, out, err } = await promtool('test', 'rules', join(root, 'deploy/alerts.test.yaml'));
    expect({ code, said: code === 0 ? '' : out + err }).toEqual({ code: 0, said: '' });
  });

  test.each(rules)('$alert is tried where it fires and where it does not', async (rule) => {
    const groups = tried.tests.filter(({ name }) => name === rule.alert);
    const times = groups.flatMap(({ alert_rule_test: all }) => all);
    expect(times.filter(({ alertname }) => alertname !== rule.alert)).toEqual([]);
    expect(new Set(times.map(({ exp_alerts: alerts }) => alerts.length))).toEqual(new Set([0, 1]));
    expect(await ends(rule, 'check')).toBe(0);
    expect(await ends(rule, 'test')).toBe(0);
    expect(await ends({ ...rule, expr: 'sum by (x (foo)' }, 'check')).not.toBe(0);
  });

  test.each(rules.flatMap(spoilt))('$alert $said does not pass', async ({ rule }) => {
    expect(await ends(rule, 'check')).toBe(0);
    expect(await ends(rule, 'test')).not.toBe(0);
  });
});

/** A rule with one of its numbers off, each of them in both directions: a small one by one, a larger one by a tenth. */
function spoilt(rule: Rule): { readonly alert: string; readonly said: string; readonly rule: Rule }[] {
  const { alert, expr } = rule;
  const limits = [...expr.matchAll(/(?<=(?:>|==) )\d+(?:\.\d+)?/g)].flatMap(({ 0: limit, index }) => {
    const by = Number(limit) < 10 ? 1 : Number(limit) / 10;
    return [Number(limit) + by, Number(limit) - by].map((other) => ({
      said: `with ${String(other)} in place of ${limit} at ${String(index)}`,
      rule: { ...rule, expr: expr.slice(0, index) + String(other) + expr.slice(index + limit.length) },
    }));
  });
  if (limits.length === 0) throw new Error(`${alert} has no limit`);
  const minutes = Number(/^(\d+)m$/.exec(rule.for ?? '0m')?.[1]);
  const waits = [minutes + 1, minutes - 1].filter((other) => other >= 0);
  const waited = waits.map((other) => ({
    said: `after ${String(other)} minutes in place of ${String(minutes)}`,
    rule: { ...rule, for: `${String(other)}m` },
  }));
  return [...limits, ...waited].map((one) => ({ alert, ...one }));
}
