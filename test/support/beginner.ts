/** A process that begins so many effects as others do at the same time, and tells its parent how many were its own. */
import { openLibsqlEffects } from '../../src/store/effects-libsql';

async function main([directory = '', many = '0']: string[]): Promise<void> {
  const store = await openLibsqlEffects(directory);
  let own = 0;
  for (let n = 0; n < Number(many); n++) {
    const at = '2026-03-02T09:00:00.000Z';
    const effect = { key: String(n).padStart(64, '0'), workflowId: 'w', runId: 'r', at };
    if ((await store.begin(effect)) === 'begun') own += 1;
  }
  await store.close();
  process.send?.(own);
  process.disconnect();
}

void main(process.argv.slice(2));
