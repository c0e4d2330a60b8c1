/**
 * What any store of effects must do. It lies beside the audit and answers two questions that no workflow state and no retry option may
 * answer: whether an effect was begun, and whether it came off. Rows are added and never changed.
 */
import type { EffectReceipt } from '../domain/permit';
import { EffectReceipt as Receipt } from '../domain/permit';
import { canonical } from '../domain/digest';
import type { Json } from '../domain/json';

export interface Begun {
  /** As the server names the workflow that executes it. */
  readonly workflowId: string;
  readonly runId: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

export interface Done {
  readonly receipt: EffectReceipt;
  readonly result: Json;
}

export interface StoredWorkerKey {
  readonly id: string;
  /** 32 bytes in base64. */
  readonly public: string;
  /** Of the machine that it was made on, or as its owner names it. */
  readonly name: string;
  /** ISO 8601 UTC: when a worker first came with it. */
  readonly from: string;
}

export interface EffectStore {
  /** Durable before it resolves. Of several at once under one key, one is `begun`. */
  begin(effect: { readonly key: string } & Begun): Promise<'begun' | 'again'>;
  /** Durable before it resolves; the first one stays. */
  end(effect: { readonly key: string } & Done): Promise<void>;
  effect(key: string): Promise<{ readonly begun?: Begun; readonly done?: Done }>;
  /** The first one under an id stays. @throws Error where another key has the id */
  addWorkerKey(key: StoredWorkerKey): Promise<void>;
  /** In the order of their coming. */
  workerKeys(): Promise<readonly StoredWorkerKey[]>;
  /** @throws Error saying why nothing could be begun now; writes nothing */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** The tables, by name. */
export const EFFECT_TABLES = ['effects_begun', 'effects_done', 'worker_keys'] as const;

export function doneRow({ receipt, result }: Done): { readonly receipt: string; readonly result: string } {
  return { receipt: canonical(receipt), result: canonical(result) };
}

type Row = Readonly<Record<string, unknown>>;

/** A row that somebody has damaged tells of no effect, and is as good as none. */
export function doneOf(row: Row | undefined): { readonly done?: Done } {
  const receipt = Receipt.safeParse(json(row?.['receipt']));
  const result = json(row?.['result']);
  return receipt.success && result !== undefined ? { done: { receipt: receipt.data, result } } : {};
}

export function begunOf(row: Row | undefined): { readonly begun?: Begun } {
  if (row === undefined) return {};
  const text = (column: string) => (typeof row[column] === 'string' ? row[column] : '');
  return { begun: { workflowId: text('workflow_id'), runId: text('run_id'), at: text('at') } };
}

export function workerKeyOf(row: Row): StoredWorkerKey {
  const text = (column: string) => (typeof row[column] === 'string' ? row[column] : '');
  return { id: text('id'), public: text('public'), name: text('name'), from: text('from_at') };
}

/** @throws Error where the id is another key's */
export function sameKey(there: StoredWorkerKey | undefined, key: StoredWorkerKey): void {
  if (there?.public === key.public) return;
  throw new Error(
    `the worker key id ${key.id} belongs to another key in the store; give this worker's key an id of its own ` +
      '(a new file: move the one that COUNTERSIGN_WORKER_KEY names away)',
  );
}

function json(text: unknown): Json | undefined {
  try {
    return typeof text === 'string' ? (JSON.parse(text) as Json) : undefined;
  } catch {
    return undefined;
  }
}
