/** One level after the first: the same question, for other people, with a deadline, an inbox place and a record of its own. */
import { workflowInfo } from '@temporalio/workflow';
import { levelEnd, openLevel, parseLevel } from '../domain/gate/levels';
import { closeAfterApproval, type ClosedGate } from '../domain/gate';
import { levelAsked } from './countersigned';
import type { Result } from '../domain/packet';
import { now } from './clock';
import { invalid } from './invalid';
import type { LevelResult, LevelStart } from './level';
import type { Carried } from './setting';

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
      const closed: ClosedGate =
        decided.status === 'approved' ? closeAfterApproval(decided, 'approved') : decided;
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
