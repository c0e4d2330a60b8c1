/** `countersign audit verify --directory`: whose keys are believed comes from outside of the record, and what was signed is checked with them. */
import { openProving, type Proven, type Proving } from '../../../app/audit/proofs';
import type { RecordReader } from '../../../app/ports';
import type { Config } from '../../../config';
import type { Target } from '../../../connection';
import { deploymentOf, readDirectory, signs } from '../../../host';
import { visibleLine } from '../../output';

export interface ProvingOptions extends Target {
  readonly directory?: readonly string[] | undefined;
  readonly deployment?: string | undefined;
  readonly believedUntil?: number | undefined;
}

/** Undefined where no directory was given. @throws AppError INVALID_INPUT where one cannot be read */
export async function provingBy(
  options: ProvingOptions,
  config: Config,
  record: RecordReader,
): Promise<Proving | undefined> {
  const { directory: files, deployment, believedUntil } = options;
  if (files === undefined) return undefined;
  const directories = await Promise.all(files.map((file) => readDirectory(file, '--directory: ')));
  const own = () => deploymentOf(config, options);
  return openProving({ record }, { directories, deployment, own, believedUntil, signs: signs() });
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
