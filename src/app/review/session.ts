/** One person and one gate after the other: whether it is theirs to decide, what they may say there, and what a receipt means for what they have read. */
import type { DecideInput, Packet } from '../../client';
import type { Verdict } from '../../domain/policy';
import type { Submitted } from '../decide/submit';
import type { Ports } from '../ports';

/** `moved`: nobody is asked there any more. `signed`: they have, already. `barred`: they may not. */
export type Turn =
  | { readonly status: 'asked'; readonly packet: Packet; readonly verdicts: readonly Verdict[] }
  | { readonly status: 'moved' | 'signed' | 'barred' };

export interface TurnInput {
  readonly workflowId: string;
  /** Asks also where they have signed, so that they may take it back. @default false */
  readonly signedToo?: boolean;
}

/** The gate as it is now, if it is theirs: it is asked itself, by a decision that is not sent. @throws CountersignError as `show` */
export async function turn(
  { gates, identity }: Pick<Ports, 'gates' | 'identity'>,
  { workflowId, signedToo = false }: TurnInput,
): Promise<Turn> {
  const packet = await gates.show(workflowId);
  const { status, digest, verdicts } = packet;
  if (status !== 'open' || digest === undefined) return { status: 'moved' };
  const reviewer = identity.name;
  const { code = '' } = await gates.dryRun(packet.workflowId, { digest, reviewer, ...probe(packet) });
  if (BARRED.includes(code)) return { status: 'barred' };
  const own = hasSigned(packet, reviewer);
  if (!signedToo && (own || code === 'ALREADY_SIGNED')) return { status: 'signed' };
  return { status: 'asked', packet, verdicts: verdicts.filter((verdict) => verdict !== 'withdraw' || own) };
}

/** Codes by which a gate says that this person is not the one to decide. */
const BARRED = [
  'NOT_AN_APPROVER',
  'REQUESTER_CANNOT_DECIDE',
  'OWNER_CANNOT_DECIDE',
  'UNKNOWN_REVIEWER',
  'SIGNED_AT_ANOTHER_LEVEL',
];

function hasSigned({ signatures, rejections = [] }: Packet, name: string): boolean {
  return [...signatures, ...rejections].some(({ reviewer }) => reviewer === name);
}

/** What would tell whether they may decide. */
function probe({ verdicts, phrase }: Packet): Pick<DecideInput, 'verdict' | 'phrase' | 'comment'> {
  if (verdicts.includes('approve'))
    return { verdict: 'approve', ...(phrase === undefined ? {} : { phrase }) };
  return { verdict: verdicts.includes('reject') ? 'reject' : 'comment', comment: 'may I?' };
}

/** Codes after which the gate must be read again before anything else is said of it. */
const CHANGED = ['STALE_REVISION', 'BEING_REVISED', 'ASK_CHILD', 'GATE_CLOSED', 'DEADLINE_PASSED'];

/** `decided`, or on its way; `changed`: read it again; `refused`: something else may be said of what was read. */
export function meaningOf(submitted: Submitted): 'decided' | 'changed' | 'refused' {
  if (submitted.status !== 'refused') return 'decided';
  return CHANGED.includes(submitted.code ?? '') ? 'changed' : 'refused';
}
