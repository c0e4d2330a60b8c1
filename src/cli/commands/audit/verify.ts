/** `countersign audit verify`: whether the record holds, by itself, beside the checkpoints and beside Temporal. */
import { AppError } from '../../../app/errors';
import type { ChainEnd, Countersign } from '../../../client';
import { GRPC, grpcOf } from '../../../client/errors';
import type { Root } from '../../../domain/digest';
import { settled, vouched, type Witness } from '../../../domain/vouching';
import { configurationFaults } from '../../../domain/configuration-faults';
import { verify, type Beside } from '../../../domain/verification';
import { checkpointsPath } from '../../../store';
import { NoTable, type AuditRecord, type AuditStore } from '../../../store/audit-store';
import { readCheckpointSet, type CheckpointSet } from '../../../store/checkpoint-set';
import { command, examples, withClient, type Deps } from '../../command';
import { EXIT, jsonLine } from '../../output';
import { chainsOf } from './chains';
import { openProving, type Proving } from './proving';
import { inOrder, instant, within } from './range';
import { told, type Report } from './verify-told';

/** Milliseconds between two lines of progress. */
const PROGRESS = 3_000;
/** Chains whose ends Temporal is asked for at once. */
const AHEAD = 25;

export const verifyRecord = (deps: Deps) =>
  command('verify', 'whether the record holds: chains, checkpoints, and what Temporal itself knows')
    .argument('[workflow id]', 'of one workflow; else all')
    .option('--all', 'all of it, as without a workflow id')
    .option('--from <instant>', 'chains with an entry at or after it', instant)
    .option('--to <instant>', 'chains with an entry before it', instant)
    .option('--offline', 'without Temporal: the store, the checkpoints and public keys alone')
    .option(
      '--checkpoints <file...>',
      "each worker's first file of them; else as COUNTERSIGN_CHECKPOINTS says",
    )
    .option('--public-key <file>', 'that the checkpoints are signed with; else the one beside them')
    .option(
      '--directory <file...>',
      'whose keys count, from outside of the record: people’s signatures, vouches and receipts are verified with them',
    )
    .option(
      '--deployment <name>',
      'that decisions were signed for; else as the directory or the configuration says',
    )
    .option(
      '--believed-until <instant>',
      'before then approvals may stand on names that were believed',
      instant,
    )
    .option('--complete', 'these are the checkpoints of all workers, as those of an embedded store are')
    .option('--no-complete', 'other workers have written to the store, too')
    .addHelpText(
      'after',
      `\nExit code 1 where it does not hold; each place is named. What no checkpoint tells of is refused where all workers have ended in order and their checkpoints are complete, else it is counted.\n${examples(
        'countersign audit verify',
        'countersign audit verify refund-1042',
        'countersign audit verify --from 2026-03-01 --to 2026-04-01 --offline',
        'countersign audit verify --offline --checkpoints /mnt/a/checkpoints.jsonl /mnt/b/checkpoints.jsonl --complete --json',
      )}`,
    )
    .action(async (workflowId, options) => {
      if (workflowId !== undefined && options.all === true)
        throw new AppError('INVALID_INPUT', 'give a workflow id or --all, not both');
      if (options.directory !== undefined && (workflowId ?? options.from ?? options.to) !== undefined)
        throw new AppError(
          'INVALID_INPUT',
          '--directory needs the whole record: levels and steps are told of by their owners',
        );
      const checkpoints = await checkpointsOf(deps, options);
      const complete =
        options.complete ?? (deps.config.store === undefined && options.checkpoints === undefined);
      const range = inOrder(options);
      const store = await deps.store();
      try {
        const proving = await openProving(options, deps.config, store);
        const work = (countersign?: Countersign) =>
          verified(deps, store, { workflowId, checkpoints, complete, range, countersign, proving });
        const report =
          options.offline === true ? await work() : await withClient(deps, options, (one) => work(one));
        if (workflowId !== undefined && report.chains === 0 && report.faults.length === 0)
          throw new AppError(
            'NOT_FOUND',
            `the store holds no entries of ${workflowId}, and no checkpoint tells of any`,
          );
        if (options.json) deps.streams.out(jsonLine(report));
        else told(deps, report);
        if (!report.holds) deps.ended(EXIT.refused);
      } finally {
        await store.close();
      }
    });

async function checkpointsOf(
  { config }: Deps,
  { checkpoints, publicKey }: { checkpoints?: string[] | undefined; publicKey?: string | undefined },
): Promise<CheckpointSet | undefined> {
  const configured = checkpointsPath(config);
  const firsts = checkpoints ?? (configured === undefined ? [] : [configured]);
  const set = await readCheckpointSet(firsts, publicKey);
  if (checkpoints !== undefined && set.files.length < firsts.length)
    throw new AppError('INVALID_INPUT', `--checkpoints: there are none at ${checkpoints.join(', ')}`);
  return set.files.length === 0 && set.faults.length === 0 ? undefined : set;
}

async function verified(
  { streams }: Deps,
  store: AuditStore,
  how: {
    readonly workflowId: string | undefined;
    readonly checkpoints: CheckpointSet | undefined;
    readonly complete: boolean;
    readonly range: { readonly from?: number | undefined; readonly to?: number | undefined };
    readonly countersign: Countersign | undefined;
    readonly proving: Proving | undefined;
  },
): Promise<Report> {
  const { workflowId, checkpoints, complete, range, countersign, proving } = how;
  const all = workflowId === undefined ? await store.count().catch(() => undefined) : undefined;
  const temporal = { told: 0, open: 0, silent: 0, gone: 0 };
  const ends = new Map<string, Promise<ChainEnd>>();
  const asked = countersign && unlessAway(countersign);
  const of = ({ workflowId: id, firstRunId }: Root) => JSON.stringify([id, firstRunId]);
  const among = ({ workflowId: id }: Root, rows: readonly AuditRecord[]) =>
    (workflowId === undefined || id === workflowId) && (rows.length === 0 || within(rows, range));
  let gone: NoTable | undefined;
  let chains: AsyncIterable<AuditRecord[]> = unlessGone(chainsOf(store, workflowId), (error) => {
    gone = error;
  });
  if (asked !== undefined)
    chains = ahead(chains, AHEAD, (rows) => {
      const [chain] = rows;
      if (chain === undefined || !among(chain, rows)) return;
      const end = asked(chain);
      end.catch(() => undefined); // awaited when it is its turn
      ends.set(of(chain), end);
    });
  const settledNow = complete && checkpoints !== undefined && settled(checkpoints.files);
  let next = Date.now() + PROGRESS;
  const beside: Beside = {
    checkpoints: checkpoints && vouched(checkpoints.files, complete),
    settled: settledNow,
    proofs: proving?.proofs,
    among,
    ends: async (chain) => {
      const end = await ends.get(of(chain));
      ends.delete(of(chain));
      if (end !== undefined) temporal[end.status] += 1;
      return end && witness(end);
    },
    heard(entries) {
      if (Date.now() < next) return;
      next = Date.now() + PROGRESS;
      streams.err(`${String(entries)}${all === undefined ? '' : ` of ${String(all.entries)}`} entries …\n`);
    },
  };
  const verification = await verify(chains, beside);
  const configurations = workflowId === undefined ? await filesOnRecord(store, checkpoints) : undefined;
  if (gone !== undefined && verification.faults.length === 0) throw gone;
  if (gone !== undefined) streams.err(`${gone.message}\n`);
  return {
    holds: [
      verification.faults,
      checkpoints?.faults ?? [],
      verification.uncompared,
      configurations?.faults ?? [],
    ].every(({ length }) => length === 0),
    ...verification,
    ...(configurations === undefined ? {} : { configurations }),
    ...(proving === undefined ? {} : { proven: proving.tell() }),
    ...(checkpoints === undefined
      ? {}
      : {
          checkpoints: {
            files: checkpoints.files.length,
            lines: checkpoints.lines,
            ...(checkpoints.last === undefined ? {} : { last: checkpoints.last }),
            complete,
            settled: settledNow,
            faults: checkpoints.faults,
          },
        }),
    ...(countersign === undefined ? {} : { temporal }),
  };
}

async function filesOnRecord(store: AuditStore, checkpoints: CheckpointSet | undefined) {
  const rows = await store.configurations();
  return { count: rows.length, faults: configurationFaults(rows, checkpoints?.files ?? []) };
}

/** Of a server that has gone away no more is asked, so that what is left is not waited for chain after chain. */
function unlessAway(countersign: Countersign): (chain: Root) => Promise<ChainEnd> {
  let failures = 0;
  return async ({ workflowId, firstRunId }) => {
    if (failures >= AHEAD) throw new Error('Temporal does not answer any more');
    try {
      const end = await countersign.chainEnd(workflowId, firstRunId);
      failures = 0;
      return end;
    } catch (error) {
      const { code, message } = grpcOf(error);
      failures = code === GRPC.unavailable || code === GRPC.deadlineExceeded ? failures + 1 : 0;
      throw message === '' ? error : new Error(message);
    }
  };
}

function witness(end: ChainEnd): Witness | undefined {
  return end.status === 'told'
    ? { seq: end.entries, hash: end.head, by: "the workflow's own result", last: true }
    : undefined;
}

/** A record whose table is gone is empty, and those beside it tell what is missing. */
async function* unlessGone<T>(items: AsyncIterable<T>, note: (gone: NoTable) => void): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    if (!(error instanceof NoTable)) throw error;
    note(error);
  }
}

/** Begins what is to be known of the next ones before it is their turn. */
async function* ahead<T>(items: AsyncIterable<T>, most: number, begin: (item: T) => void): AsyncGenerator<T> {
  const waiting: T[] = [];
  for await (const item of items) {
    begin(item);
    waiting.push(item);
    if (waiting.length >= most) yield waiting.shift() as T;
  }
  yield* waiting;
}
