/**
 * `npm run bench`: ours beside the hand-written floor, in one run, on dev servers of its own and on that of TEMPORAL_ADDRESS (`--server` says what it is).
 * Writes bench/RESULTS.md (`--rounds`, `--each` and `--out` make it shorter, or put it elsewhere; `--only sequences` counts what plans, reviews and
 * ladders cost, and leaves the rest as it is).
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connectionOptions } from '../../src/connection';
import { startBench } from './bench';
import { counts, latencies, throughput } from './measure';
import { WAYS, type Way } from './paths';
import { report, type Found, type Section } from './report';
import { intoReport, sequences } from './sequences';
import { servers } from './server';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    each: { type: 'string', default: '200' },
    parked: { type: 'string', default: '400' },
    server: { type: 'string', default: 'the server of TEMPORAL_ADDRESS' },
    only: { type: 'string' },
    out: { type: 'string', default: join(__dirname, '..', 'RESULTS.md') },
  },
});
const say = (text: string) => process.stderr.write(`${text}\n`);

async function main(): Promise<void> {
  if (values.only === 'sequences') {
    await counted();
    return;
  }
  const sections: Section[] = [];
  const memory: Record<string, number> = {};
  for (const start of servers(values.server)) {
    const server = await start(say);
    try {
      say(`on ${server.name}`);
      const { address, namespace } = connectionOptions({ address: server.address });
      sections.push({ server: server.name, found: await measured(address, namespace) });
      for (const name of sections.length === 1 ? (['floor', 'ours'] as const) : []) {
        say(`memory: ${name}`);
        memory[name] = await parked(address, namespace, name);
      }
    } finally {
      await server.stop();
    }
  }
  const text = report(sections, {
    memory,
    machine: `${String(cpus().length)} cores, Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    rounds: Number(values.rounds),
    each: Number(values.each),
    parked: Number(values.parked),
  });
  writeFileSync(values.out, text);
  process.stdout.write(text);
  await counted();
}

/** Counts alone: they are the same on every server. */
async function counted(): Promise<void> {
  const [start] = servers(values.server);
  if (start === undefined) return;
  const server = await start(say);
  try {
    const { address, namespace } = connectionOptions({ address: server.address });
    const bench = await startBench(address, namespace);
    try {
      intoReport(values.out, await sequences(bench, say));
    } finally {
      await bench.stop();
    }
  } finally {
    await server.stop();
  }
}

async function measured(address: string, namespace: string): Promise<Found[]> {
  const ways: Way[] = Object.values(WAYS);
  const bench = await startBench(address, namespace);
  try {
    const taken = await latencies(bench, ways, Number(values.rounds), say);
    const flow = await throughput(bench, ways, { rounds: 3, each: Number(values.each), at: 50 }, say);
    const found: Found[] = [];
    for (const way of ways) {
      const latency = taken.get(way);
      const through = flow.get(way);
      if (latency === undefined || through === undefined) continue;
      found.push({ way, latency, through, counts: await counts(bench, latency.last) });
    }
    return found;
  } finally {
    await bench.stop();
  }
}

async function parked(address: string, namespace: string, way: string): Promise<number> {
  const script = join(__dirname, 'parked.ts');
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', script, address, namespace, way, values.parked],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the memory of ${way} could not be measured`);
  return Number(out.trim());
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exit(1);
  },
);
