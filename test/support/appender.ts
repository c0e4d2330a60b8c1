/** A process that appends audit entries as fast as it can, so that tests can run several, or kill one in the middle. */
import type { Root } from '../../src/domain/digest';
import { entryOf, GENESIS, saltOf } from '../../src/domain/entry';
import type { AuditRecord } from '../../src/store/audit-store';
import { openLibsqlStore } from '../../src/store/libsql';
import { SEED } from './forged';

const chains = new Map<string, AuditRecord[]>();

function made(root: Root, seq: number, prev: string, name: string): AuditRecord {
  const fact = { type: 'unknown-signal', gate: 'main', name };
  const place = { seq, prev, at: '2026-03-02T09:00:00.000Z', salt: saltOf(SEED, seq) };
  return { ...root, ...entryOf(root, fact, place) };
}

/** Entry `seq` of a workflow's chain, the same one each time. @param branch it says something else, and follows the same one */
export function entry(
  workflowId: string,
  seq: number,
  { run: firstRunId = 'run', branch }: { readonly run?: string; readonly branch?: string } = {},
): AuditRecord {
  const root = { workflowId, firstRunId };
  const key = JSON.stringify(root);
  const chain = chains.get(key) ?? [];
  chains.set(key, chain);
  while (chain.length < seq)
    chain.push(made(root, chain.length + 1, chain.at(-1)?.hash ?? GENESIS, `no ${String(chain.length)}`));
  return branch === undefined ? chain[seq - 1]! : made(root, seq, chain[seq - 2]?.hash ?? GENESIS, branch);
}

/** Arguments: directory, workflow id, batches (0: until it is killed), entries a batch. Tells its parent each batch. */
async function main([directory = '', workflowId = '', batches = '0', size = '1']: string[]): Promise<void> {
  const store = await openLibsqlStore(directory);
  for (let batch = 0; batches === '0' || batch < Number(batches); batch++) {
    const first = batch * Number(size) + 1;
    await store.append(Array.from({ length: Number(size) }, (_, n) => entry(workflowId, first + n)));
    process.send?.(batch + 1);
  }
  await store.close();
  process.disconnect();
}

if (require.main === module) void main(process.argv.slice(2));
