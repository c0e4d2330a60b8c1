/** What a Prometheus endpoint prints, which series an expression of PromQL asks for, and what Prometheus' promtool says of rules. */
import { execFile } from 'node:child_process';
import { parser } from '@prometheus-io/lezer-promql';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export async function scrape(address: string): Promise<{ text: string; samples: readonly Sample[] }> {
  const response = await fetch(`http://${address}/metrics`);
  if (!response.ok) throw new Error(`${String(response.status)} from ${address}`);
  const text = await response.text();
  return { text, samples: samplesIn(text) };
}

export function samplesIn(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    if (line === '' || line.startsWith('#')) return [];
    const [, name = '', labels = '', value = ''] = /^([\w:]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === '') throw new Error(`no sample: ${line}`);
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    return [
      { name, labels: Object.fromEntries(pairs.map(([, key, said]) => [key, said])), value: Number(value) },
    ];
  });
}

/** The sum of all samples of a name that have these labels; undefined where there is none. */
export function sum(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = samples.filter(
    (one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value),
  );
  return found.length === 0 ? undefined : found.reduce((total, { value }) => total + value, 0);
}

export interface Asked {
  readonly series: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[];
  /** Labels that it groups by. */
  readonly by: readonly string[];
}

/** What an expression reads. @throws Error where it is no PromQL */
export function askedBy(expression: string): Asked {
  const series: { name: string; labels: Record<string, string> }[] = [];
  const by = new Set<string>();
  parser.parse(expression).iterate({
    enter({ name, from, to, type, node }) {
      const text = expression.slice(from, to);
      if (type.isError) throw new Error(`not PromQL at ${String(from)}: ${expression}`);
      const parent = node.parent?.name;
      if (name === 'Identifier' && parent === 'VectorSelector') series.push({ name: text, labels: {} });
      if (name === 'LabelName' && parent === 'GroupingLabels') by.add(text);
      const [, key = '', value = ''] = /^(\w+)="(.*)"$/.exec(text) ?? [];
      const last = series.at(-1);
      if (name === 'UnquotedLabelMatcher' && last !== undefined) last.labels[key] = value;
    },
  });
  return { series, by: [...by] };
}

/** How it ends, and what it says. @throws Error where there is none */
export function promtool(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  return new Promise((resolve, reject) => {
    execFile(process.env['PROMTOOL'] ?? 'promtool', [...args], (error, out, err) => {
      if (error === null) resolve({ code: 0, out, err });
      else if (typeof error.code === 'number') resolve({ code: error.code, out, err });
      else reject(new Error('no promtool: run `npm test`, which finds or installs one, or set PROMTOOL'));
    });
  });
}
