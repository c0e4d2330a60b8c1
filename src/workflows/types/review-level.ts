/** One level after the first: the same question, for other people, with a deadline, an inbox place and a record of its own. */
import { closeAfterApproval, type ApprovedGate, type ClosedGate } from '../../domain/gate';
import { levelEnd, openLevel, parseLevel, type LevelEnd } from '../../domain/gate/levels';
import type { Result } from '../../domain/packet';
import { conclude, nextRunOfGate, shielded } from '../gate/conclusion';
import type { Carried } from '../gate/context';
import { judgeLevelApproval } from '../gate/execute';
import type { GateRuntime } from '../gate/gate-runtime';
import type { LevelResult, LevelStart } from '../gate/level-child';
import { waitForPeople } from '../gate/wait-for-people';
import { earlierRun, nextGate } from '../gate/workflow-gates';
import { invalidInput, isChildOf } from '../runtime/invalid-input';
import { now } from '../runtime/replay-clock';

/** Who owns the level proposes and executes; here people are asked, and their approval is judged. */
export async function reviewLevel(argument: unknown, carried?: Carried): Promise<Result & LevelResult> {
  const { gate, setting: context } = checked(argument);
  const earlier = earlierRun({ argument, carried });
  const runtime = nextGate(
    { name: gate.gate, requester: gate.requester, context },
    earlier && (await earlier),
  );
  return shielded(runtime, async (cancellable) => {
    if (runtime.gate() === undefined) runtime.move(openLevel(gate, now()));
    const decided = await waitForPeople(runtime, {
      again: () => Promise.reject(new TypeError('a level asks no agent')),
      cancellable,
      nextRun: nextRunOfGate(runtime, argument),
    });
    const judged = decided.status === 'approved' ? await judgeLevelApproval(runtime, decided) : decided;
    const level = close(runtime, judged);
    return { ...(await conclude(runtime)), level };
  });
}

/** What its owner is told of it. */
function close(runtime: GateRuntime, judged: ApprovedGate | ClosedGate): LevelEnd {
  if (judged.status === 'closed') return levelEnd(judged, undefined);
  const closed = closeAfterApproval(judged, 'approved');
  runtime.move(closed);
  return levelEnd(closed, judged.basis);
}

/** @throws ApplicationFailure INVALID_INPUT: it was started by hand, or by another gate's workflow */
function checked(argument: unknown): LevelStart {
  const parsed = parseLevel(argument);
  if (!parsed.ok) throw invalidInput(parsed.problem);
  if (!isChildOf(parsed.owner))
    throw invalidInput('a level is asked by the gate that owns it; start proposeAndExecute');
  return argument as LevelStart;
}
