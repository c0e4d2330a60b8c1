/** Temporal's client for tests that drive an app from outside: connected at the first call, and never a process of its own. */
import { Client, Connection } from '@temporalio/client';
import { Countersign } from '../../src/client';
import { dataConverter } from '../../src/connection';

const ANSWERS_WITHIN = 10_000;

export interface AppClient {
  query<T>(workflowId: string, name: string, ...input: unknown[]): Promise<T>;
  signal(workflowId: string, name: string, payload: unknown): Promise<void>;
  start(workflowId: string, type: string, taskQueue: string, argument: unknown): Promise<void>;
  result<T>(workflowId: string): Promise<T>;
  /** Our own typed client. */
  countersign(): Promise<Countersign>;
}

export function appClient(address: string, namespace = 'default'): AppClient {
  let connecting: Promise<Client> | undefined;
  const connected = async (): Promise<Client> => {
    connecting ??= Connection.connect({ address }).then(
      (connection) => new Client({ connection, namespace, dataConverter, identity: 'test' }),
    );
    try {
      return await connecting;
    } catch (error) {
      connecting = undefined; // the server may be there the next time
      throw error;
    }
  };
  const soon = async <T>(call: (client: Client) => Promise<T>): Promise<T> => {
    const client = await connected();
    return client.withDeadline(Date.now() + ANSWERS_WITHIN, () => call(client));
  };
  return {
    query: <T>(workflowId: string, name: string, ...input: unknown[]) =>
      soon((client) => client.workflow.getHandle(workflowId).query<T, unknown[]>(name, ...input)),
    signal: (workflowId, name, payload) =>
      soon((client) => client.workflow.getHandle(workflowId).signal(name, payload)),
    async start(workflowId, type, taskQueue, argument) {
      await soon((client) => client.workflow.start(type, { workflowId, taskQueue, args: [argument] }));
    },
    async result<T>(workflowId: string) {
      return (await (await connected()).workflow.getHandle(workflowId).result()) as T;
    },
    countersign: async () => new Countersign({ client: await connected() }),
  };
}
