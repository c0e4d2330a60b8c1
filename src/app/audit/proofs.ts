/** What was signed, checked with keys from outside of the record: people's signatures, doors' vouches, workers' receipts. */
import { sha256Hex } from '../../domain/digest';
import type { Grade } from '../../domain/grade';
import { directoryHash, isVersionOf, ProofDirectory, type ProofKey } from '../../domain/proof-keys';
import { openProofs, type ProofFigures, type Proofs, type Remark } from '../../domain/proofs';
import type { Ports, RecordReader } from '../ports';

/** The curve's arithmetic, where keys are. */
export type Signs = Parameters<typeof openProofs>[0]['signs'];

export interface ProvingInput {
  readonly directories: readonly ProofDirectory[];
  /** Decisions have to be signed for this installation. @default as the first directory says that does */
  readonly deployment?: string | undefined;
  /** What it is called where no directory says. */
  readonly own: () => string;
  /** Milliseconds since 1970: before then approvals may stand on names that were believed. */
  readonly believedUntil?: number | undefined;
  readonly signs: Signs;
}

/** What a report tells of it. */
export interface Proven extends ProofFigures {
  /** The installation that decisions have to be signed for. */
  readonly deployment: string;
  /** Where no directory lists workers: the store says which keys are theirs. */
  readonly workerKeys: 'listed' | 'believed';
  /** What somebody should look at, though it holds: passkeys whose counter did not grow. */
  readonly remarks: readonly Remark[];
}

export interface Proving {
  readonly proofs: Proofs;
  summary(): Proven;
}

export async function openProving(
  { record }: Pick<Ports, 'record'>,
  { directories, deployment: named, own, believedUntil, signs }: ProvingInput,
): Promise<Proving> {
  const listed = directories.some(({ workers = [] }) => workers.length > 0);
  const deployment = named ?? directories.find((one) => one.deployment !== undefined)?.deployment ?? own();
  const known = new Set([...directories.map(directoryHash), ...(await versionsIn(record, directories))]);
  const proofs = openProofs({
    directories,
    deployment,
    floor: floorOf(directories),
    believedUntil: believedUntil === undefined ? undefined : new Date(believedUntil).toISOString(),
    workers: listed ? [] : await workersIn(record),
    isKnown: (hash) => typeof hash === 'string' && known.has(hash),
    signs,
  });
  return {
    proofs,
    summary: () => ({
      ...proofs.figures(),
      deployment,
      workerKeys: listed ? 'listed' : 'believed',
      remarks: proofs.remarks(),
    }),
  };
}

/** Of every decision: where people hold keys they sign, unless there are doors that vouch for them. */
function floorOf(directories: readonly ProofDirectory[]): Grade {
  if (directories.some(({ doors = [] }) => doors.length > 0)) return 'vouched';
  const keys = directories.some(({ people }) => people.some((one) => (one.keys ?? []).length > 0));
  return keys ? 'signed' : 'open';
}

/** What the record says that workers went by, as far as it could have been one of those given at another time. */
async function versionsIn(record: RecordReader, given: readonly ProofDirectory[]): Promise<string[]> {
  return (await record.configurations())
    .filter(({ kind, hash, text }) => kind === 'directory' && sha256Hex(text) === hash)
    .flatMap(({ hash, text }) => {
      const recorded = directoryIn(text);
      return recorded !== undefined && isVersionOf(recorded, given) ? [hash] : [];
    });
}

function directoryIn(text: string): ProofDirectory | undefined {
  try {
    const parsed = ProofDirectory.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** A store that keeps workers' keys as well says which there are. */
async function workersIn(record: RecordReader): Promise<readonly ProofKey[]> {
  const { workerKeys } = record as Partial<{ workerKeys(): Promise<readonly ProofKey[]> }>;
  return (await workerKeys?.call(record)) ?? [];
}
