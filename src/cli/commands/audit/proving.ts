/** `countersign audit verify --directory`: whose keys are believed comes from outside of the record, and what was signed is checked with them. */
import { AppError } from '../../../app/errors';
import { createRequire } from 'node:module';
import type { Config } from '../../../config';
import { connectionOptions, type Target } from '../../../connection';
import { sha256Hex } from '../../../domain/digest';
import type { Grade } from '../../../domain/grade';
import { messageOf } from '../../../domain/message';
import { directoryHash, isVersionOf, ProofDirectory, type ProofKey } from '../../../domain/proof-keys';
import { openProofs, type ProofFigures, type Proofs, type Remark } from '../../../domain/proofs';
import type { AuditStore } from '../../../store/audit-store';
import { visibleLine } from '../../output';

/** YAML and the curve's arithmetic are loaded only where they are used. */
const provider = () =>
  createRequire(__filename)(
    '../../../providers/reviewers/proof',
  ) as typeof import('../../../providers/reviewers/proof');

export interface ProvingOptions extends Target {
  readonly directory?: readonly string[] | undefined;
  readonly deployment?: string | undefined;
  readonly believedUntil?: number | undefined;
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
  tell(): Proven;
}

/** @throws Failure where a directory cannot be read */
export async function openProving(
  options: ProvingOptions,
  config: Config,
  store: AuditStore,
): Promise<Proving | undefined> {
  const { directory: files, believedUntil } = options;
  if (files === undefined) return undefined;
  const { readProofDirectory, signs } = provider();
  const directories = await Promise.all(
    files.map((file) =>
      readProofDirectory(file, process.cwd()).catch((error: unknown) => {
        throw new AppError('INVALID_INPUT', `--directory: ${messageOf(error)}`);
      }),
    ),
  );
  const listed = directories.some(({ workers = [] }) => workers.length > 0);
  const deployment =
    options.deployment ??
    directories.find((one) => one.deployment !== undefined)?.deployment ??
    ours(config, options);
  const known = new Set([...directories.map(directoryHash), ...(await versionsIn(store, directories))]);
  const proofs = openProofs({
    directories,
    deployment,
    floor: floorOf(directories),
    believedUntil: believedUntil === undefined ? undefined : new Date(believedUntil).toISOString(),
    workers: listed ? [] : await workersIn(store),
    isKnown: (hash) => typeof hash === 'string' && known.has(hash),
    signs,
  });
  return {
    proofs,
    tell: () => ({
      ...proofs.figures(),
      deployment,
      workerKeys: listed ? 'listed' : 'believed',
      remarks: proofs.remarks(),
    }),
  };
}

/** What this installation is called in signed texts, where the directory does not say. */
function ours(config: Config, target: Target): string {
  const own: unknown = config.deployment;
  return typeof own === 'string' ? own : connectionOptions(target).namespace;
}

/** Of every decision: where people hold keys they sign, unless there are doors that vouch for them. */
function floorOf(directories: readonly ProofDirectory[]): Grade {
  if (directories.some(({ doors = [] }) => doors.length > 0)) return 'vouched';
  const keys = directories.some(({ people }) => people.some((one) => (one.keys ?? []).length > 0));
  return keys ? 'signed' : 'open';
}

/** What the record says that workers went by, as far as it could have been one of those given at another time. */
async function versionsIn(store: AuditStore, given: readonly ProofDirectory[]): Promise<string[]> {
  return (await store.configurations())
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
async function workersIn(store: AuditStore): Promise<readonly ProofKey[]> {
  const { workerKeys } = store as Partial<{ workerKeys(): Promise<readonly ProofKey[]> }>;
  return (await workerKeys?.call(store)) ?? [];
}

/** In lines, for people. */
export function proofsTold({ decisions, approvals, receipts, late, deployment, workerKeys }: Proven): string {
  const { signed, vouched, open, consent } = approvals;
  const own = `${String(signed)} by people's own signatures, ${String(vouched)} vouched for, ${String(open)} by names that were believed`;
  const keys = workerKeys === 'believed' ? ' (worker keys believed: the directory lists none)' : '';
  const after =
    late === 0
      ? ''
      : `; ${String(late)} recorded after their time: when they were received, Temporal’s history knows`;
  return (
    `approvals: ${own}, ${String(consent)} by the rules' own consent; signed for ${visibleLine(deployment)}\n` +
    `decisions: ${String(decisions.signed)} signed, ${String(decisions.vouched)} vouched for, ${String(decisions.open)} believed${after}\n` +
    `effects: ${String(receipts.held)} with a receipt${keys}, ${String(receipts.none)} by another worker's word alone, which whoever may complete an activity can give\n`
  );
}
