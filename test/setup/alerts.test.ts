/** deploy/alerts.yaml by itself; that its series are served is for test/e2e/metrics.test.ts, which asks a worker. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { askedBy } from '../support/prometheus';

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
