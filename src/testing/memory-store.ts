/** A store that ends with the process, for tests: it takes and refuses what the real ones do, and is on no disk. */
import { configurationHash } from '../domain/configuration';
import { storableText, type StoredConfiguration } from '../store/configurations';
import {
  headsOf,
  parted,
  predecessors,
  storable,
  type AuditRecord,
  type AuditStore,
  type EntryAt,
} from '../store/audit-store';
import { sameKey, type Begun, type Done, type EffectStore, type StoredWorkerKey } from '../store/effects';

export type MemoryStore = AuditStore & EffectStore;

export function memoryStore(): MemoryStore {
  return { ...memoryAudit(), ...memoryEffects() };
}

export function memoryEffects(): EffectStore {
  const begun = new Map<string, Begun>();
  const done = new Map<string, Done>();
  const keys = new Map<string, StoredWorkerKey>();
  return {
    async begin({ key, workflowId, runId, at }) {
      if (begun.has(key)) return 'again';
      begun.set(key, { workflowId, runId, at });
      return 'begun';
    },
    async end({ key, receipt, result }) {
      if (!done.has(key)) done.set(key, copy({ receipt, result }));
    },
    async effect(key) {
      const [first, last] = [begun.get(key), done.get(key)];
      return {
        ...(first === undefined ? {} : { begun: first }),
        ...(last === undefined ? {} : { done: copy(last) }),
      };
    },
    async addWorkerKey(key) {
      if (!keys.has(key.id)) keys.set(key.id, { ...key });
      sameKey(keys.get(key.id), key);
    },
    workerKeys: async () =>
      [...keys.values()].sort((one, other) => compare(one.from, other.from) || compare(one.id, other.id)),
    ready: async () => undefined,
    close: async () => undefined,
  };
}

function memoryAudit(): AuditStore {
  /** In the order that they were stored. */
  const rows = new Map<string, AuditRecord>();
  const loads: StoredConfiguration[] = [];
  const at = (row: EntryAt & Pick<AuditRecord, 'workflowId' | 'firstRunId'>) => rows.get(nameOf(row));
  const ordered = () =>
    [...rows.values()]
      .map((row, nth) => ({ row, nth }))
      .sort(
        (one, other) =>
          bytes(one.row.workflowId, other.row.workflowId) ||
          bytes(one.row.firstRunId, other.row.firstRunId) ||
          one.row.seq - other.row.seq ||
          one.nth - other.nth,
      )
      .map(({ row }) => row);
  const chains = () => parted(ordered(), ({ workflowId, firstRunId }) => [workflowId, firstRunId]);
  return {
    async append(records) {
      for (const record of records) storable(record);
      const missing = predecessors(records).find((one) => at(one) === undefined);
      if (missing !== undefined) return { missing };
      for (const record of records) if (at(record) === undefined) rows.set(nameOf(record), copy(record));
      return {};
    },
    entries: async (workflowId, firstRunId) =>
      ordered().filter(
        (row) => row.workflowId === workflowId && (firstRunId === undefined || row.firstRunId === firstRunId),
      ),
    entry: async ({ workflowId, firstRunId }, { seq, hash }) => at({ workflowId, firstRunId, seq, hash }),
    async *chains() {
      yield* chains();
    },
    async *heads() {
      for (const chain of chains()) yield headsOf(chain);
    },
    async configured(loaded) {
      storableText(loaded);
      const hash = configurationHash(loaded.text);
      if (!loads.some((one) => one.kind === loaded.kind && one.hash === hash))
        loads.push({ ...loaded, hash });
    },
    configurations: async () =>
      [...loads].sort(
        (one, other) => bytes(one.at, other.at) || bytes(one.kind, other.kind) || bytes(one.hash, other.hash),
      ),
    count: async () => ({ chains: [...chains()].length, entries: rows.size }),
    ready: async () => undefined,
    close: async () => undefined,
  };
}

function nameOf({
  workflowId,
  firstRunId,
  seq,
  hash,
}: Pick<AuditRecord, 'workflowId' | 'firstRunId'> & EntryAt): string {
  return JSON.stringify([workflowId, firstRunId, seq, hash]);
}

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
/** As databases order text: by its bytes. */
const bytes = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));
/** What is changed outside afterwards is not changed here. */
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
