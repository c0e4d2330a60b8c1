/**
 * The fleet: a worker of somebody else's, on a task queue of its own, that the built-in action `remote` calls.
 *
 *   npx tsx examples/release/fleet.ts         runs until Ctrl-C
 */
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { columnsOfOrders, openDatabase } from './database';

interface Deployment {
  readonly input: { readonly region: string; readonly version: string };
  /** The same for every attempt of one approval. */
  readonly key: string;
}

/** 2.4.0 reads this column of `orders`. */
const NEEDS: Readonly<Record<string, string>> = { '2.4.0': 'gift_note' };

export async function startFleet(): Promise<{ stop(): Promise<void>; readonly stopped: Promise<void> }> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const database = openDatabase();
  const address = process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233';
  const connection = await NativeConnection.connect({ address });

  async function deploy({ input: { region, version }, key }: Deployment) {
    const had = columnsOfOrders(database);
    const needed = NEEDS[version];
    if (needed !== undefined && !had.includes(needed))
      throw ApplicationFailure.nonRetryable(`${version} needs the column ${needed}; orders has ${had}`);
    database
      .prepare('INSERT INTO deployments VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING')
      .run(key, region, version, had);
    return { region, running: version };
  }

  const worker = await Worker.create({ connection, taskQueue: 'fleet', activities: { deploy } });
  const stopped = worker.run().finally(async () => {
    await connection.close();
    database.close();
  });
  return {
    stopped,
    async stop() {
      worker.shutdown();
      await stopped;
    },
  };
}

if (require.main === module)
  void startFleet().then(async (fleet) => {
    process.once('SIGINT', () => void fleet.stop()).once('SIGTERM', () => void fleet.stop());
    process.stdout.write('the fleet waits for deployments; Ctrl-C stops it\n');
    await fleet.stopped;
  });
