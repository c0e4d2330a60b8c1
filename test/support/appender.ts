/** A process that appends audit entries as fast as it can, so that tests can run several, or kill one in the middle. */
import type { AuditRecord } from '../../src/store/audit-store';
import { openLibsqlStore } from '../../src/store/libsql';

/** Entry `seq` of a workflow; the hash is made up, for the store does not look at it. */
export function entry(workflowId: string, seq: number, hash = `hash-${String(seq)}`): AuditRecord {
  return {
    workflowId,
    firstRunId: 'run',
    seq,
    hash,
    prev: `hash-${String(seq - 1)}`,
    entry: `{"seq":${String(seq)}}`,
  };
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
