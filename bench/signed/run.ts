/**
 * What a signed approval costs in this version beside an older one: a CONFIRM gate, its proposal given, its effect an activity, one person's
 * signature. Both have a worker of their own on one dev server, and take turns; events are exact, of the times the ratio counts.
 *
 *     git worktree add --detach /tmp/before <commit> && cp -al node_modules /tmp/before/
 *     node --import tsx bench/signed/run.ts /tmp/before [rounds] [gates a round]
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { percentile } from '../floor/measure';
import { servers } from '../floor/server';
import type { Took } from './side';

interface Side {
  readonly child: ChildProcess;
  readonly next: () => Promise<string>;
}

const say = (text: string) => void process.stderr.write(`${text}\n`);

async function sideIn(tree: string, address: string): Promise<Side> {
  const child = spawn(process.execPath, ['--import', 'tsx', join('bench', 'signed', 'side.ts'), address], {
    cwd: tree,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`the worker of ${tree} has ended`);
    return line.value;
  };
  if ((await next()) !== 'ready') throw new Error(`the worker of ${tree} does not begin`);
  return { child, next };
}

async function through({ child, next }: Side, gates: number): Promise<Took[]> {
  child.stdin?.write(`${String(gates)}\n`);
  return JSON.parse(await next()) as Took[];
}

async function main(before: string, rounds: number, gates: number): Promise<void> {
  const here = join(__dirname, '..', '..');
  const there = join(before, 'bench', 'signed');
  mkdirSync(there, { recursive: true });
  copyFileSync(join(__dirname, 'side.ts'), join(there, 'side.ts'));
  delete process.env['TEMPORAL_ADDRESS'];
  const [start] = servers('');
  const server = await start?.(say);
  if (server === undefined) throw new Error('there is no server');
  const sides: { readonly side: Side; readonly took: Took[] }[] = [];
  try {
    for (const tree of [before, here]) sides.push({ side: await sideIn(tree, server.address), took: [] });
    for (const { side } of sides) await through(side, 10); // warming up
    for (let round = 0; round < rounds; round += 1) {
      say(`round ${String(round + 1)} of ${String(rounds)}`);
      // Whoever is first in one round is second in the next.
      const turns = round % 2 === 0 ? sides : [...sides].reverse();
      for (const { side, took } of turns) took.push(...(await through(side, gates)));
    }
    process.stdout.write(
      table(
        sides.map(({ took }) => took),
        rounds,
        gates,
      ),
    );
  } finally {
    for (const {
      side: { child },
    } of sides) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.stdin?.end();
      await ended;
    }
    await server.stop();
  }
}

function table(took: readonly Took[][], rounds: number, gates: number): string {
  const row = (name: string, of: (one: Took) => number, digits: number) => {
    const [before = Number.NaN, now = Number.NaN] = took.map((all) => percentile(all.map(of), 0.5));
    const cells = [before.toFixed(digits), now.toFixed(digits), (now / before).toFixed(2)];
    return `| ${[name, ...cells].join(' | ')} |\n`;
  };
  return (
    `${String(cpus().length)} cores, Node ${process.versions.node}; ${String(rounds)} rounds of ${String(gates)} gates each, the middle of all.\n\n` +
    '| a signed approval | before | now | ratio |\n| --- | --- | --- | --- |\n' +
    row('history events', ({ events }) => events, 0) +
    row('ms until the effect ran', ({ executed }) => executed, 1) +
    row('ms until the outcome is known', ({ known }) => known, 1)
  );
}

const [before, rounds = '5', gates = '40'] = process.argv.slice(2);
if (before === undefined) {
  say('usage: node --import tsx bench/signed/run.ts <tree of the older version> [rounds] [gates a round]');
  process.exit(2);
}
void main(before, Number(rounds), Number(gates)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
