/** A workflow's gates, one after the other, on one chain of audit entries. */
import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { unreadableGate } from '../../domain/carried';
import type { Root } from '../../domain/digest';
import { openLedger, openLedgerAt, type Ledger } from '../record/ledger';
import { continuesRun, mustRunOnce, takeOver, type EarlierRun } from '../runtime/earlier-runs';
import { holdUpdates } from '../runtime/handlers';
import type { Carried } from './context';
import { openGateRuntime, type GateOptions, type GateRuntime } from './gate-runtime';

let ledger: Ledger | undefined;
const gates: GateRuntime[] = [];

/** For our own workflow types, which can go on in a new run: their argument, and what the run before left. */
export interface Continued {
  readonly argument: unknown;
  readonly carried: Carried | undefined;
}

/**
 * What the run before this one left, once the server has said that it was ours. In a first run undefined, and no promise of it: an update
 * that comes with the start finds its handler only where nothing was awaited before.
 * @param continued undefined in a workflow of one's own, which sees to its runs itself
 * @throws ApplicationFailure RUN_REPEATED, INVALID_INPUT, NOT_CONTINUED_BY_US
 */
export function earlierRun(continued?: Continued): Promise<EarlierRun<Carried>> | undefined {
  if (continued === undefined) mustRunOnce();
  else if (continuesRun(continued.carried)) {
    holdUpdates();
    return takeOver(continued.carried as Carried, unreadableGate);
  }
  return undefined;
}

type Opening = Omit<GateOptions, 'root' | 'ledger' | 'before' | 'carried'>;

/**
 * @param earlier where nobody knows any more what came before that run, people are asked anew, and the record goes on
 * @throws ApplicationFailure GATE_NAME_TAKEN, GATE_OPEN
 */
export function nextGate(options: Opening, earlier?: EarlierRun<Carried>): GateRuntime {
  const { name } = options;
  if (gates.some((gate) => gate.name === name))
    throw ApplicationFailure.nonRetryable(
      `this workflow had a gate ${JSON.stringify(name)} already; give each gate a name of its own`,
      'GATE_NAME_TAKEN',
    );
  const before = gates.at(-1);
  if (before !== undefined && before.packet().status !== 'closed')
    throw ApplicationFailure.nonRetryable(
      `the gate ${JSON.stringify(before.name)} is still open; ask one after the other, or in child workflows`,
      'GATE_OPEN',
    );
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const root: Root = { workflowId, firstRunId: firstExecutionRunId };
  const carried = earlier?.ends === undefined ? earlier?.carried : undefined;
  ledger ??=
    earlier?.ends === undefined
      ? openLedger(root, name, carried?.ledger)
      : openLedgerAt(root, name, earlier.ends);
  if (earlier !== undefined) ledger.note(earlier.fact);
  const gate = openGateRuntime({ ...options, carried, root, ledger, before });
  gates.push(gate);
  return gate;
}
