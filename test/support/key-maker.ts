/** A process that opens the worker key of a directory as others do at the same time, and tells its parent which one it got. */
import { openWorkerKey } from '../../src/store/worker-key';
import { memoryStore } from '../../src/testing';

async function main([dataDir = '']: string[]): Promise<void> {
  const options = { deployment: 'orders', note: console.error };
  const { id } = await openWorkerKey({ workerKey: undefined, dataDir }, memoryStore(), options);
  process.send?.(id);
  process.disconnect();
}

void main(process.argv.slice(2));
