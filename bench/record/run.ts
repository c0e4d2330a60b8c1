/**
 * How long the verification of a large record takes, all in: a store of 100,000 entries with the checkpoints of its worker is
 * written, then read and verified as `countersign audit verify --offline` does it.
 *
 *     node --import tsx bench/record/run.ts [entries]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { settled, vouched } from '../../src/domain/vouching';
import { verify } from '../../src/domain/verification';
import { openWorkerStore } from '../../src/store';
import { readCheckpointSet } from '../../src/store/checkpoint-set';
import { openLibsqlStore } from '../../src/store/libsql';
import { honestRecord } from '../../test/support/record';

/** Workflows of the made record have about so many entries. */
const EACH = 7.2;

async function main(wanted: number): Promise<void> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'countersign-bench-'));
  const first = path.join(directory, 'checkpoints.jsonl');
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await work();
    console.log(`${what.padEnd(28)}${((performance.now() - began) / 1_000).toFixed(2).padStart(8)} s`);
    return result;
  };
  try {
    const checkpoints = { path: first, key: undefined, entries: 1_000, seconds: 60 };
    const config = { store: undefined, dataDir: directory, checkpoints };
    const batches = await timed('made', async () => honestRecord(Math.ceil(wanted / EACH)));
    await timed('stored, with checkpoints', async () => {
      const store = await openWorkerStore(config, console.error);
      for (let from = 0; from < batches.length; from += 500)
        await store.append(batches.slice(from, from + 500).flat());
      await store.close();
    });
    const store = await openLibsqlStore(directory, { create: false });
    const set = await timed('checkpoints read', () => readCheckpointSet([first]));
    const read = async () => {
      let entries = 0;
      for await (const rows of store.chains()) entries += rows.length;
      return entries;
    };
    await timed('store read, nothing more', read);
    const verified = await timed('verified, store read too', () =>
      verify(store.chains(), { checkpoints: vouched(set.files, true), settled: settled(set.files) }),
    );
    await store.close();
    const { chains, entries, branches, faults } = verified;
    const mebibytes = statSync(path.join(directory, 'countersign.db')).size / 2 ** 20;
    console.log(
      `${String(entries)} entries, ${String(chains)} chains, ${String(branches)} branch off, ${String(faults.length)} faults; ` +
        `${mebibytes.toFixed(0)} MiB, ${String(set.lines)} checkpoints of ${(statSync(first).size / 2 ** 20).toFixed(1)} MiB; ` +
        `at most ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB of memory`,
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

void main(Number(process.argv[2] ?? 100_000));
