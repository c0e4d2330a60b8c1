/**
 * Memory of a parked gate, in a process of its own: how much the worker grows while so many wait.
 * `tsx bench/floor/parked.ts <address> <namespace> <way> <count>` prints bytes a gate.
 */
import { startBench } from './bench';
import { WAYS } from './paths';

async function main([address = '', namespace = '', name = '', count = '']: string[]): Promise<void> {
  const way = WAYS[name as keyof typeof WAYS];
  const bench = await startBench(address, namespace);
  const park = async (much: number) => {
    for (let index = 0; index < much; index += 20)
      await Promise.all(Array.from({ length: 20 }, async () => (await way.park(bench)).ready()));
  };
  await park(100); // what the first ones load is not theirs
  const before = await settled();
  await park(Number(count));
  const after = await settled();
  process.stdout.write(`${String(Math.round((after - before) / Number(count)))}\n`);
  await bench.stop();
}

/** Workflows live in threads with heaps of their own: only the process as a whole tells. */
async function settled(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let time = 0; time < 10; time += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 300));
    least = Math.min(least, process.memoryUsage.rss());
  }
  return least;
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
