/**
 * Decisions that cannot be judged in their handler, first come first served: the gate is not open yet, they are read late, they
 * are edits, or they are signed. What has to be found out of them is found out here, for many at once where it can be.
 */
import type { Via } from '../../domain/audit';
import { admit } from '../../domain/gate/admit';
import type { Decision } from '../../domain/gate/decision';
import { instant, type Gate, type Instant, type Reassessed } from '../../domain/gate';
import { refusal, type Refusal } from '../../domain/gate/refusals';
import { assessEdit, receiveTimesOf, unprovenAmong } from './lookups';
import type { Moment } from '../runtime/replay-clock';
import type { GateContext } from './context';

export interface HeldDecision {
  readonly decision: Decision;
  readonly via: Via;
  /** When it came. */
  readonly came: Moment;
  /** Read after a deadline, its signature's or the gate's: only the history knows whether the server received it before. */
  readonly late: boolean;
  /** What stands on it, its signature or a vouch, has to be verified. */
  readonly signed: boolean;
}

/** Decisions whose signatures are verified in one step. */
const BATCH = 200;

/** What a decision is judged with. */
export interface Findings {
  /** When it was received, where that is known. */
  readonly at: Instant;
  readonly found?: Reassessed;
  /** Why it does not count, where nothing else is wrong with it. */
  readonly unfit?: Refusal;
  /** Why it cannot even be judged. */
  readonly unknown?: Refusal;
}

/**
 * One round: finds out what there is to be found out of the first of what is held, and has each of them judged in turn. What comes
 * meanwhile is for the next round.
 */
export async function judgeHeld(
  held: readonly HeldDecision[],
  gate: () => Gate,
  context: GateContext,
  judge: (one: HeldDecision, findings: Findings) => void,
): Promise<void> {
  const round = held.slice(0, BATCH);
  const times = await receiveTimesOf(round.filter((one) => one.late).map((one) => one.decision));
  const received = (one: HeldDecision) => (one.late ? times.get(one.decision.id) : one.came.at);
  const checked = round.filter((one) => {
    const at = received(one);
    return one.signed && at !== undefined && admit(gate(), one.decision, at) === undefined;
  });
  const unproven = await unprovenAmong(
    gate(),
    checked.map(({ decision }) => decision),
  );
  for (const one of round) {
    const { decision } = one;
    const at = received(one);
    if (at === undefined) {
      const deadline = instant(gate().deadline);
      judge(one, { at: one.came.at, unknown: refusal('RECEIVE_TIME_UNKNOWN', { deadline }) });
      continue;
    }
    const forged = one.signed ? unproven.get(decision.id) : undefined;
    const edit = decision.verdict === 'edit' && forged === undefined;
    const found =
      edit && admit(gate(), decision, at) === undefined ? await assessEdit(gate(), decision, context) : {};
    // What was found out has brought the time along at which it was asked.
    judge(one, { at: received(one) ?? at, ...(forged === undefined ? found : { unfit: forged }) });
  }
}
