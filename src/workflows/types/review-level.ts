/** One level after the first: the same question, for other people, with a deadline, an inbox place and a record of its own. */
import { workflowInfo } from '@temporalio/workflow';
import { levelEnd, openLevel, parseLevel } from '../../domain/ladder';
import { settle, type ClosedGate } from '../../domain/gate';
import { levelAsked } from '../gate/run-gate';
import type { Result } from '../../domain/packet';
import { now } from '../runtime/replay-clock';
import { invalid } from '../runtime/invalid-input';
import type { LevelResult, LevelStart } from '../gate/level-child';
import type { Carried } from '../gate/context';

export async function reviewLevel(argument: unknown, carried?: Carried): Promise<Result & LevelResult> {
  const { gate, setting } = checked(argument);
  return levelAsked({
    gate,
    setting,
    carried,
    open: () => openLevel(gate, now()),
    argument,
    end: (decided) => {
      const basis = decided.status === 'approved' ? decided.basis : undefined;
      const closed: ClosedGate = decided.status === 'approved' ? settle(decided, 'approved') : decided;
      return { closed, level: levelEnd(closed, basis) };
    },
  });
}

/** @throws ApplicationFailure INVALID_INPUT: it was started by hand, or by another gate's workflow */
function checked(argument: unknown): LevelStart {
  const parsed = parseLevel(argument);
  if (!parsed.ok) throw invalid(parsed.problem);
  const { namespace, parent } = workflowInfo();
  if (parent?.workflowId !== parsed.owner || parent.namespace !== namespace)
    throw invalid('a level is asked by the gate that owns it; start proposeAndExecute');
  return argument as LevelStart;
}
