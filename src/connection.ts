/** Where Temporal is: the `temporal` CLI's own profiles and TEMPORAL_* variables, and flags over both. */
import { Client, Connection, type ClientInterceptors } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

export interface Target {
  /** host:port */
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
}

/** Both ends must read payloads in the same way. */
export const dataConverter = {
  payloadConverterPath: require.resolve('./workflows/runtime/payload-converter'),
};

/** Nobody can be reached: the exit code is 3, and the message says where it was looked for. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

export interface Connected<C> {
  readonly connection: C;
  readonly address: string;
  readonly namespace: string;
}

/** What both kinds of connection are made with. */
export function connectionOptions({ address, namespace }: Target) {
  const config = loadClientConnectConfig();
  return {
    ...config.connectionOptions,
    address: address ?? config.connectionOptions.address ?? '127.0.0.1:7233',
    namespace: namespace ?? config.namespace ?? 'default',
  };
}

/** @param within an `ms` string @throws UnreachableError */
export async function connect(
  target: Target = {},
  within: '5 seconds' | '20 seconds' = '5 seconds',
): Promise<Connected<Connection>> {
  const { namespace, address, ...rest } = connectionOptions(target);
  const connection = await reached(address, () =>
    Connection.connect({ ...rest, address, connectTimeout: within }),
  );
  return { connection, address, namespace };
}

export function temporalClient(
  { connection, namespace }: Connected<Connection>,
  interceptors: ClientInterceptors = {},
): Client {
  return new Client({ connection, namespace, dataConverter, interceptors });
}

/** @throws UnreachableError saying where it was looked for, and what to do */
export async function reached<C>(address: string, attempt: () => Promise<C>): Promise<C> {
  try {
    return await attempt();
  } catch (error) {
    throw new UnreachableError(
      `no Temporal server answers at ${address}: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''}. ` +
        'Start one with `countersign dev`, or name yours with --address or TEMPORAL_ADDRESS.',
    );
  }
}
