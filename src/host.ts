/**
 * What the process of a front door opens for its use cases: the server, the record, checkpoints, keys from outside of the record, what
 * must be there before the first worker. Doors import this, and no store and no provider.
 */
import { createRequire } from 'node:module';
import { AppError } from './app/errors';
import type { Signs } from './app/audit/proofs';
import type { OpenRecord } from './app/ports';
import type { SetupPorts } from './app/setup';
import { Countersign, traced } from './client';
import type { Config } from './config';
import { connect, connectionOptions, temporalClient, type Target } from './connection';
import { messageOf } from './domain/message';
import type { ProofDirectory } from './domain/proof-keys';
import { ensureSearchAttributes, SearchAttributesError } from './search-attributes';
import { checkpointsPath, openStore, storeName } from './store';
import { readCheckpointSet, type CheckpointSet } from './store/checkpoint-set';
import { openFeedback } from './store/feedback';
import { openTraces } from './telemetry/traces';

export type { Met, PolicyFile, Said } from './providers/policy';

/** @throws UnreachableError saying where the server was looked for */
export async function openGates(
  { taskQueue, telemetry }: Pick<Config, 'taskQueue' | 'telemetry'>,
  target: Target,
): Promise<{ countersign: Countersign; close(): Promise<void> }> {
  const connected = await connect(target);
  const traces = openTraces(telemetry, { within: 2_000 });
  const interceptors = traces === undefined ? {} : { workflow: [traced()] };
  const client = temporalClient(connected, interceptors);
  return {
    countersign: new Countersign({ client, taskQueue }),
    async close() {
      await connected.connection.close();
      await traces?.close();
    },
  };
}

/** To be read: nothing is made that is not there. */
export function openRecord(config: Pick<Config, 'store' | 'dataDir'>): Promise<OpenRecord> {
  return openStore(config, { create: false });
}

/**
 * @param firsts each worker's first file of them. @default as the configuration says
 * @returns undefined where there are none @throws AppError INVALID_INPUT where there are none at a place that was named
 */
export async function readCheckpoints(
  config: Pick<Config, 'checkpoints' | 'dataDir'>,
  firsts: readonly string[] | undefined,
  publicKey: string | undefined,
): Promise<CheckpointSet | undefined> {
  const configured = checkpointsPath(config);
  const files = firsts ?? (configured === undefined ? [] : [configured]);
  const set = await readCheckpointSet(files, publicKey);
  if (firsts !== undefined && set.files.length < files.length)
    throw new AppError('INVALID_INPUT', `--checkpoints: there are none at ${firsts.join(', ')}`);
  return set.files.length === 0 && set.faults.length === 0 ? undefined : set;
}

/** YAML and the curve's arithmetic are loaded only where they are used. */
const proofProvider = () =>
  createRequire(__filename)('./providers/reviewers/proof') as typeof import('./providers/reviewers/proof');

/** @param as how its trouble begins, such as the flag that named it @throws AppError INVALID_INPUT */
export async function readDirectory(file: string, as = ''): Promise<ProofDirectory> {
  return proofProvider()
    .readProofDirectory(file, process.cwd())
    .catch((error: unknown) => {
      throw new AppError('INVALID_INPUT', `${as}${messageOf(error)}`);
    });
}

export function signs(): Signs {
  return proofProvider().signs;
}

/** The rules as the worker will read them. YAML and CEL take a tenth of a second to load; whoever does without them does not wait. */
export const policyRules = () =>
  createRequire(__filename)('./providers/policy') as typeof import('./providers/policy');

/** What this installation is called in signed texts, where no directory says. */
export function deploymentOf({ deployment }: Pick<Config, 'deployment'>, target: Target): string {
  return deployment ?? connectionOptions(target).namespace;
}

/** For `setUp`. */
export function setupPorts(config: Config): SetupPorts {
  return {
    storeName: storeName(config),
    isShared: config.store !== undefined,
    stores: [(writer) => openStore(config, { writer }), (writer) => openFeedback(config, { writer })],
    server: async (target) => {
      const { connection, address, namespace } = await connect(target);
      return {
        address,
        namespace,
        ensureAttributes: async () => {
          try {
            return await ensureSearchAttributes(connection, namespace, address);
          } catch (error) {
            if (!(error instanceof SearchAttributesError)) throw error;
            return { attributes: error.attributes, added: [], mend: error.mend };
          }
        },
        close: () => connection.close(),
      };
    },
  };
}
