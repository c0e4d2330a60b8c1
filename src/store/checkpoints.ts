/**
 * When a checkpoint is written, and of what. A worker tells what it has stored itself, so that the store is never read for
 * it; only as it begins it looks for heads that nobody has told, such as those of a worker that was killed.
 */
import type { Loaded } from '../domain/checkpoint';
import { sha256Hex } from '../domain/digest';
import type { Said } from '../domain/heads';
import { messageOf } from '../domain/message';
import { EntryRefused, type Appended, type AuditRecord, type AuditStore } from './audit-store';
import { openCheckpointLog, type CheckpointLog, type CheckpointPlace } from './checkpoint-log';

export interface CheckpointOptions extends CheckpointPlace {
  /** So many new entries are a checkpoint. */
  readonly entries: number;
  /** So long after a new entry there is one. */
  readonly seconds: number;
}

/** Milliseconds after which an append that failed is not still coming: the stores give up before. */
const DOUBT = 20_000;
/** Milliseconds that closing waits for the look around. */
const LEAVE = 3_000;

/**
 * The store, with checkpoints of what is appended to it until it is closed.
 * @param note is told what goes wrong; it keeps no entry from being stored
 * @throws Error where no checkpoint can be written
 */
export async function checkpointed(
  store: AuditStore,
  options: CheckpointOptions,
  note: (text: string) => void,
): Promise<AuditStore> {
  const log = await openCheckpointLog(options, note);
  // Before anything is stored: from here on the last line is not the last word.
  await log.write('start', []);
  const teller = telling(store, log, options, note);
  return {
    ...store,
    async append(records) {
      let answer: Appended;
      try {
        answer = await store.append(records);
      } catch (error) {
        if (!(error instanceof EntryRefused)) teller.doubt(records);
        throw error;
      }
      if (answer.missing === undefined) teller.stored(records);
      return answer;
    },
    async configured(loaded) {
      await store.configured(loaded);
      await teller.loaded([loaded.kind, sha256Hex(loaded.text)]);
    },
    async close() {
      await teller.close();
      await store.close();
    },
  };
}

interface Teller {
  stored(records: readonly AuditRecord[]): void;
  /** It is not known whether they were stored. */
  doubt(records: readonly AuditRecord[]): void;
  /** A file that the worker goes by from here on. */
  loaded(loaded: Loaded): Promise<void>;
  close(): Promise<void>;
}

function telling(
  store: AuditStore,
  log: CheckpointLog,
  { entries, seconds }: CheckpointOptions,
  note: (text: string) => void,
): Teller {
  const heads = openPending();
  let doubts: { readonly record: AuditRecord; readonly since: number }[] = [];
  let fresh = 0;
  let timer: NodeJS.Timeout | undefined;
  let troubled = false;
  let leaving = false;
  let looked = false;
  let queue = Promise.resolve();

  /** One after the other; what fails is said once, and tried again with the next. */
  const turn = (work: () => Promise<void>): Promise<void> => {
    queue = queue.then(async () => {
      try {
        await work();
        troubled = false;
      } catch (error) {
        if (!troubled) note(`no checkpoint can be written to ${log.file}: ${messageOf(error)}`);
        troubled = true;
        due();
      }
    });
    return queue;
  };
  const due = () => {
    if (!leaving) timer ??= setTimeout(() => void turn(tell), seconds * 1_000).unref();
  };
  const settle = async () => {
    const left: typeof doubts = [];
    for (const doubt of doubts)
      if ((await store.entry(doubt.record, doubt.record)) !== undefined) heads.add(doubt.record);
      else if (Date.now() - doubt.since < DOUBT) left.push(doubt);
    doubts = left;
    if (left.length > 0) due();
  };
  const tell = async () => {
    clearTimeout(timer);
    timer = undefined;
    fresh = 0;
    if (doubts.length > 0) await settle();
    await log.write('stored', heads.take());
  };
  const lookAround = async () => {
    let found: Said[] = [];
    const write = async () => {
      const items = found;
      found = [];
      if (items.length > 0) await turn(() => log.write('found', items));
    };
    for await (const chain of store.heads()) {
      if (leaving) return;
      for (const head of chain)
        if (!log.holds(head)) found.push([head.workflowId, head.firstRunId, head.seq, head.hash, 0]);
      if (found.length >= 1_000) await write();
    }
    await write();
    looked = true;
  };
  const looking = lookAround().catch((error: unknown) => {
    note(`the store could not be looked through for what no checkpoint tells: ${messageOf(error)}`);
  });

  return {
    stored(records) {
      for (const record of records) if (!log.holds(record)) heads.add(record);
      fresh += records.length;
      if (fresh >= entries) void turn(tell);
      else if (fresh > 0) due();
    },
    doubt(records) {
      doubts.push(...records.map((record) => ({ record, since: Date.now() })));
      due();
    },
    loaded: (loaded) => turn(() => log.load(loaded)),
    async close() {
      await Promise.race([looking, new Promise((late) => setTimeout(late, LEAVE).unref())]);
      leaving = true;
      await turn(tell);
      clearTimeout(timer);
      if (looked && doubts.length === 0) await turn(() => log.write('stop', []));
      await turn(() => log.close());
    },
  };
}

/** Heads that no line has told yet; of what follows one another the last. */
function openPending(): { add(record: AuditRecord): void; take(): Said[] } {
  let pending = new Map<string, Said[]>();
  return {
    add({ workflowId, firstRunId, seq, hash, prev }) {
      const chain = JSON.stringify([workflowId, firstRunId]);
      const heads = pending.get(chain) ?? [];
      if (heads.some((head) => head[3] === hash)) return;
      const before = heads.find((head) => head[2] === seq - 1 && head[3] === prev);
      const rest = heads.filter((head) => head !== before);
      pending.set(chain, [...rest, [workflowId, firstRunId, seq, hash, before?.[4] ?? seq - 1]]);
    },
    take() {
      const taken = [...pending.values()].flat();
      pending = new Map();
      return taken;
    },
  };
}
