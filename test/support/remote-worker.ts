/** A worker of somebody else's: the `remote` action's target. It writes down each effect it is asked for. */
import { NativeConnection, Worker } from '@temporalio/worker';

export interface Effect {
  readonly input: unknown;
  readonly key: string;
  readonly workflowId: string;
  readonly digest: string;
  readonly permit: unknown;
}

export async function startRemoteWorker(
  address: string,
  taskQueue: string,
): Promise<{ effects: Effect[]; stop(): Promise<void> }> {
  const effects: Effect[] = [];
  const connection = await NativeConnection.connect({ address });
  const activities = {
    book: (effect: Effect) => {
      effects.push(effect);
      return Promise.resolve({ booked: effect.input });
    },
  };
  const worker = await Worker.create({ connection, taskQueue, activities, shutdownGraceTime: '1 second' });
  const stopped = worker.run();
  return {
    effects,
    async stop() {
      worker.shutdown();
      await stopped;
      await connection.close();
    },
  };
}
