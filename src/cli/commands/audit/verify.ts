/** `countersign audit verify`: whether the record holds, by itself, beside the checkpoints and beside Temporal. */
import type { ChainEnd, Countersign } from '../../../client';
import { GRPC, grpcOf } from '../../../client/errors';
import type { Root } from '../../../domain/digest';
import { settled, vouched, type Witness } from '../../../domain/vouching';
import type { Fault } from '../../../domain/chain';
import { configurationFaults, type ConfigurationFault } from '../../../domain/configuration-faults';
import { verify, type Beside, type Verification } from '../../../domain/verification';
import { checkpointsPath } from '../../../store';
import { NoTable, type AuditRecord, type AuditStore } from '../../../store/audit-store';
import { readCheckpointSet, type CheckpointSet } from '../../../store/checkpoint-set';
import { command, examples, withClient, type Deps } from '../../command';
import { EXIT, Failure, jsonLine, visibleId, visibleLine } from '../../output';
import { chainsOf } from './chains';
import { inOrder, instant, within } from './range';

/** Places that are told one by one; `--json` has all. */
const SHOWN = 100;
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
        throw new Failure(EXIT.usage, 'INVALID_INPUT', 'give a workflow id or --all, not both');
      const checkpoints = await checkpointsOf(deps, options);
      const complete =
        options.complete ?? (deps.config.store === undefined && options.checkpoints === undefined);
      const range = inOrder(options);
      const store = await deps.store();
      try {
        const work = (countersign?: Countersign) =>
          verified(deps, store, { workflowId, checkpoints, complete, range, countersign });
        const report =
          options.offline === true ? await work() : await withClient(deps, options, (one) => work(one));
        if (workflowId !== undefined && report.chains === 0 && report.faults.length === 0)
          throw new Failure(
            EXIT.refused,
            'NOT_FOUND',
            `the store holds no entries of ${visibleId(workflowId)}, and no checkpoint tells of any`,
          );
        if (options.json) deps.streams.out(jsonLine(report));
        else told(deps, report);
        if (!report.holds) deps.ended(EXIT.refused);
      } finally {
        await store.close();
      }
    });

/** What `--json` prints. */
interface Report extends Verification {
  readonly holds: boolean;
  readonly checkpoints?: {
    readonly files: number;
    readonly lines: number;
    readonly last?: string;
    readonly complete: boolean;
    readonly settled: boolean;
    readonly faults: CheckpointSet['faults'];
  };
  readonly temporal?: Readonly<Record<ChainEnd['status'], number>>;
  /** Files that workers went by: how many there are, and what does not hold of them. Of the whole record alone. */
  readonly configurations?: { readonly count: number; readonly faults: readonly ConfigurationFault[] };
}

async function checkpointsOf(
  { config }: Deps,
  { checkpoints, publicKey }: { checkpoints?: string[] | undefined; publicKey?: string | undefined },
): Promise<CheckpointSet | undefined> {
  const configured = checkpointsPath(config);
  const firsts = checkpoints ?? (configured === undefined ? [] : [configured]);
  const set = await readCheckpointSet(firsts, publicKey);
  if (checkpoints !== undefined && set.files.length < firsts.length)
    throw new Failure(
      EXIT.usage,
      'INVALID_INPUT',
      `--checkpoints: there are none at ${checkpoints.map(visibleLine).join(', ')}`,
    );
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
  },
): Promise<Report> {
  const { workflowId, checkpoints, complete, range, countersign } = how;
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

function told({ streams }: Deps, report: Report): void {
  const { faults, chains, entries, branches, unvouched, uncompared, erased, checkpoints, temporal } = report;
  const files = report.configurations?.faults ?? [];
  for (const fault of faults.slice(0, SHOWN)) streams.out(`${placed(fault)}\n`);
  if (faults.length > SHOWN)
    streams.out(`… and ${String(faults.length - SHOWN)} more places; --json has all of them\n`);
  for (const one of uncompared.slice(0, SHOWN))
    streams.out(`${placed({ ...one, message: `cannot be compared with Temporal: ${one.message}` })}\n`);
  if (uncompared.length > SHOWN)
    streams.out(`… and ${String(uncompared.length - SHOWN)} more that cannot be compared\n`);
  for (const { kind, hash, message } of files.slice(0, SHOWN))
    streams.out(`the ${visibleLine(kind)} ${visibleLine(hash.slice(0, 12))}… ${message}\n`);
  for (const { file, message } of checkpoints?.faults ?? [])
    streams.out(`${visibleLine(file)}: ${message}\n`);
  const size = `${counted(chains, 'chain')}, ${counted(entries, 'entry', 'entries')}`;
  const beside =
    branches === 0
      ? ''
      : ` (${String(branches)} of them branch off, left by attempts that were cut off or runs before a reset)`;
  const places = faults.length + files.length + (checkpoints?.faults.length ?? 0);
  if (report.holds && chains === 0)
    streams.out('nothing was looked at: the store holds no entries, or none in that time\n');
  else if (report.holds) streams.out(`the record holds: ${size}${beside}\n`);
  else if (places > 0)
    streams.out(`the record does not hold: ${counted(places, 'place')}; ${size}${beside}\n`);
  else
    streams.out(
      `the record holds by itself; ${counted(uncompared.length, 'chain')} cannot be compared; ${size}${beside}\n`,
    );
  if (erased > 0)
    streams.out(
      `${counted(erased, 'text is', 'texts are')} erased: their place, type and time alone are verified\n`,
    );
  if (checkpoints === undefined)
    streams.err(
      'there are no checkpoints: a tail that was cut, or an older copy, shows only beside Temporal\n',
    );
  else {
    streams.out(
      `checkpoints: ${counted(checkpoints.lines, 'line')} in ${counted(checkpoints.files, 'file')}, the last of ${checkpoints.last ?? 'none'}\n`,
    );
    const beyond = unvouched.reduce((sum, one) => sum + one.entries, 0);
    if (beyond > 0)
      streams.out(
        `${counted(beyond, 'entry', 'entries')} that no checkpoint tells of yet: ${unvouched
          .slice(0, 5)
          .map(({ workflowId, seq }) => `${visibleId(workflowId)} from ${String(seq)}`)
          .join(', ')}${unvouched.length > 5 ? ', …' : ''}\n`,
      );
  }
  if (temporal !== undefined)
    streams.out(
      `Temporal: ${String(temporal.told)} results compared; ${String(temporal.open)} still open, ${String(temporal.silent)} ended without a result, ` +
        `${String(temporal.gone)} not known there (any more)\n`,
    );
}

function placed({
  workflowId,
  firstRunId,
  message,
}: Pick<Fault, 'workflowId' | 'firstRunId' | 'message'>): string {
  return `${visibleId(workflowId)} (first run ${visibleId(firstRunId)}): ${visibleLine(message)}`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${String(count)} ${count === 1 ? one : many}`;
}
