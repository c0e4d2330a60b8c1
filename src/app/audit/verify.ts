/** Whether the record holds, by itself, beside the checkpoints, beside Temporal, and by keys from outside of it. */
import { configurationFaults, type ConfigurationFault } from '../../domain/configuration-faults';
import type { Root } from '../../domain/digest';
import { verify, type Beside, type Verification } from '../../domain/verification';
import { settled, vouched } from '../../domain/vouching';
import type { ChainEnd } from '../../client';
import { NoTable } from '../../store/audit-store';
import type { CheckpointSet } from '../../store/checkpoint-set';
import { AppError } from '../errors';
import type { AuditRecord, Ports, RecordReader } from '../ports';
import { endsAhead, type Ends } from './ends';
import type { Proven, Proving } from './proofs';
import { chainsOf, within, type Range } from './range';

export interface VerifyInput {
  /** Of one workflow; else all. */
  readonly workflowId?: string | undefined;
  readonly range: Range;
  readonly checkpoints?: CheckpointSet | undefined;
  /** The checkpoints are those of all workers. */
  readonly complete: boolean;
  /** Of the whole record alone: levels and steps are told of by their owners. */
  readonly proving?: Proving | undefined;
}

/** What came of it, for programs. */
export interface Verified extends Verification {
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
  readonly proven?: Proven;
  /** Files that workers went by: how many there are, and what does not hold of them. Of the whole record alone. */
  readonly configurations?: { readonly count: number; readonly faults: readonly ConfigurationFault[] };
}

export interface Progress {
  readonly entries: number;
  /** How many there are, where the store can count them. */
  readonly of?: number;
}

export type VerifyPorts = Pick<Ports, 'record'> & {
  /** Temporal; without it the record is not compared with it. */
  readonly gates?: Pick<Ports['gates'], 'chainEnd'> | undefined;
};

/**
 * @param progress called as often as the record is read on; how often that is said is the door's to choose
 * @returns with `gone` where the record's table is not there, and what stands beside it tells what is missing
 * @throws AppError NOT_FOUND where a workflow was named, and nothing is known of it; NoTable where nothing tells what is missing
 */
export async function verifyRecord(
  { record, gates }: VerifyPorts,
  input: VerifyInput,
  progress: (progress: Progress) => void = () => undefined,
): Promise<{ readonly verified: Verified; readonly gone?: string }> {
  const { workflowId, checkpoints, complete, range, proving } = input;
  const all = workflowId === undefined ? await record.count().catch(() => undefined) : undefined;
  const among = ({ workflowId: id }: Root, rows: readonly AuditRecord[]) =>
    (workflowId === undefined || id === workflowId) && (rows.length === 0 || within(rows, range));
  let gone: NoTable | undefined;
  const chains = unlessGone(chainsOf(record, workflowId), (error) => {
    gone = error;
  });
  const ends = gates && endsAhead(gates, chains, among);
  const settledNow = complete && checkpoints !== undefined && settled(checkpoints.files);
  const beside: Beside = {
    checkpoints: checkpoints && vouched(checkpoints.files, complete),
    settled: settledNow,
    proofs: proving?.proofs,
    among,
    ends: (chain) => ends?.of(chain) ?? Promise.resolve(undefined),
    progress: (entries) => {
      progress({ entries, ...(all === undefined ? {} : { of: all.entries }) });
    },
  };
  const verification = await verify(ends?.chains ?? chains, beside);
  const configurations = workflowId === undefined ? await filesOnRecord(record, checkpoints) : undefined;
  if (gone !== undefined && verification.faults.length === 0) throw gone;
  if (workflowId !== undefined && verification.chains === 0 && verification.faults.length === 0)
    throw new AppError(
      'NOT_FOUND',
      `the store holds no entries of ${workflowId}, and no checkpoint tells of any`,
    );
  const verified = summedUp(verification, { input, settledNow, configurations, ends });
  return { verified, ...(gone === undefined ? {} : { gone: gone.message }) };
}

function summedUp(
  verification: Verification,
  beside: {
    readonly input: VerifyInput;
    readonly settledNow: boolean;
    readonly configurations: Verified['configurations'];
    readonly ends: Ends | undefined;
  },
): Verified {
  const { settledNow, configurations, ends } = beside;
  const { checkpoints, complete, proving } = beside.input;
  const faults = [
    verification.faults,
    checkpoints?.faults ?? [],
    verification.uncompared,
    configurations?.faults ?? [],
  ];
  return {
    holds: faults.every(({ length }) => length === 0),
    ...verification,
    ...(configurations === undefined ? {} : { configurations }),
    ...(proving === undefined ? {} : { proven: proving.summary() }),
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
    ...(ends === undefined ? {} : { temporal: ends.counts }),
  };
}

async function filesOnRecord(record: RecordReader, checkpoints: CheckpointSet | undefined) {
  const rows = await record.configurations();
  return { count: rows.length, faults: configurationFaults(rows, checkpoints?.files ?? []) };
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
