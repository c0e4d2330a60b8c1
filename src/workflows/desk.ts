/**
 * Where a gate takes its messages: signals, updates and queries, from the workflow's first moment to its last. What may
 * happen is decided in domain/gate; here is only when and with which facts, and that nothing thrown ever reaches Temporal.
 */
import {
  ApplicationFailure,
  condition,
  setCurrentDetails,
  setDefaultSignalHandler,
  setHandler,
} from '@temporalio/workflow';
import type { Via } from '../domain/audit';
import { parseDecision, type Decision, type Receipt } from '../domain/decision';
import { canonical, type Root } from '../domain/digest';
import {
  admit,
  decide,
  instant,
  receiptFor,
  refuse,
  type Assessment,
  type Gate,
  type Instant,
} from '../domain/gate';
import { packetOf, type Packet, type Result } from '../domain/packet';
import { refusal, type Refusal } from '../domain/refusal';
import { transitions } from '../domain/transitions';
import { glance, now } from './clock';
import { details } from './details';
import { announce, announceState } from './inbox';
import { assessEdit, timesOf } from './inquiries';
import type { Ledger } from './ledger';
import {
  admitQuery,
  decideForOutcomeUpdate,
  decideSignal,
  decideUpdate,
  DESCRIPTIONS,
  gateQuery,
  receiptQuery,
  type Concluded,
} from './messages';

/** Decisions that may wait for a gate to open: after a reset they come before it. */
const EARLY = 100;
/** A decision that cannot be judged in its handler: the gate is not open yet, it is read late, or it is an edit. */
interface Held {
  readonly decision: Decision;
  readonly via: Via;
  readonly at: Instant;
  /** Read after the deadline: only the history knows whether the server received it before. */
  readonly late: boolean;
}

/** One gate's desk: it takes messages from the workflow's first moment to its last. */
export interface Desk {
  readonly root: Root;
  readonly name: string;
  readonly requester: string;
  readonly ledger: Ledger;
  packet(): Packet;
  gate(): Gate | undefined;
  receipt(id: string): Receipt;
  take(decision: Decision, via: Via): Receipt;
  /** Decisions wait for something to be found out. */
  holds(): boolean;
  /** Judges what is held, first come first, with what had to be found out: receive times, an edit's assessment. */
  settleHeld(): Promise<void>;
  /** Puts the gate into its next state, as the domain made it. */
  move(next: Gate): void;
  /** It is approved and executes for longer than a moment: it leaves the inbox, where it has not yet. */
  announceApproved(): void;
  /** The workflow ended before a gate opened. */
  closeUnopened(outcome: 'failed' | 'cancelled', reason: string): void;
  /** How it ended: whoever waits for the outcome gets it. */
  conclude(result: Result): void;
}

/** @param before the workflow's gate before this one, which goes on answering for its decisions */
export function openDesk(
  root: Root,
  name: string,
  requester: string,
  ledger: Ledger,
  before: Desk | undefined,
): Desk {
  let gate: Gate | undefined;
  let unopened: Pick<Packet, 'outcome' | 'reason'> | undefined;
  let held: Held[] = [];
  let waitingFor: string | undefined;
  let concluded: Result | undefined;
  let unannounced = false;
  ledger.watch((reason) => {
    if (waitingFor === reason) return;
    waitingFor = reason;
    announceApproved();
    show();
  });

  const packet = (): Packet => {
    const here = waitingFor === undefined ? {} : { waitingFor };
    if (gate !== undefined) return { ...packetOf(gate), ...here };
    const { workflowId } = root;
    const status = unopened === undefined ? 'proposing' : 'closed';
    const nothing = { revision: 0, signatures: [], verdicts: [], authentication: 'open' as const };
    return { v: 1, workflowId, gate: name, status, requester, ...nothing, ...unopened, ...here };
  };
  const show = () => {
    setCurrentDetails(details(packet()));
  };

  function move(next: Gate): void {
    const before = gate;
    gate = next;
    for (const fact of transitions(before, next)) ledger.note(fact);
    // What is executed within the moment need not be told from what waits, and an attribute costs an event.
    const short = next.status === 'approved' && isShort(next);
    unannounced = short || (unannounced && next.status === 'executing');
    if (before?.status !== next.status && next.status !== 'executing' && !short) announce(before, next);
    show();
  }

  function announceApproved(): void {
    if (!unannounced || gate === undefined) return;
    unannounced = false;
    announceState('approved');
  }

  /** Judges what can be judged now. A decision that does not count leaves a receipt and an entry, never an error. */
  function judge(
    { decision, via, at }: Omit<Held, 'late'>,
    assessment?: Assessment,
    unfit?: Refusal,
  ): Receipt {
    const here = gate as Gate; // nothing is judged before the gate opens
    const repeated = receiptFor(here, decision.id);
    const refused = admit(here, decision, at) ?? (repeated.status === 'unknown' ? unfit : undefined);
    if (repeated.status !== 'unknown' && refused?.code !== 'ID_REUSED') {
      ledger.noteBounded({ type: 'repeated', gate: name, id: decision.id, via });
      return repeated;
    }
    if (refused !== undefined) return turnAway(decision, via, refused);
    ledger.note({
      type: 'decided',
      gate: name,
      revision: here.revision,
      decision,
      via,
      authentication: 'open',
    });
    move(decide(here, decision, at, assessment));
    return receiptFor(gate as Gate, decision.id);
  }

  function turnAway(decision: Decision, via: Via, why: Refusal): Receipt {
    const { id, reviewer, verdict } = decision;
    ledger.noteBounded({ type: 'refused', gate: name, id, reviewer, verdict, via, ...why });
    if (gate !== undefined) gate = refuse(gate, decision, why);
    return { id, status: 'refused', ...why, gate: name, revision: gate?.revision ?? 0 };
  }

  function take(decision: Decision, via: Via): Receipt {
    const at = now();
    const { id } = decision;
    const settledBefore = before?.receipt(id).status;
    if (before !== undefined && settledBefore !== 'unknown') return before.take(decision, via);
    const pending: Receipt = { id, status: 'pending', gate: name, revision: gate?.revision ?? 0 };
    const waiting = held.find((one) => one.decision.id === id);
    if (waiting !== undefined)
      return canonical(waiting.decision) === canonical(decision)
        ? pending
        : turnAway(decision, via, refusal('ID_REUSED', { id }));
    if (gate === undefined) {
      if (held.length >= EARLY) return turnAway(decision, via, refusal('TOO_EARLY', { limit: EARLY }));
      held.push({ decision, via, at, late: false });
      return pending;
    }
    const known = receiptFor(gate, id).status !== 'unknown';
    const late = gate.status === 'open' && via === 'signal' && at >= gate.deadline;
    const edit = decision.verdict === 'edit' && admit(gate, decision, at) === undefined;
    // Whatever comes behind a decision that is being looked into waits its turn: the first one counts first.
    if (known || !(late || edit || held.length > 0)) return judge({ decision, via, at });
    held.push({ decision, via, at, late });
    return pending;
  }

  function malformed(problem: string, id: string | undefined, via: Via): Receipt {
    const why = refusal('MALFORMED_DECISION', { problem });
    ledger.noteBounded({ type: 'refused', gate: name, ...(id === undefined ? {} : { id }), via, ...why });
    if (gate !== undefined && id !== undefined) gate = refuse(gate, { id, problem } as { id: string }, why);
    return { id: id ?? '', status: 'refused', ...why, gate: name, revision: gate?.revision ?? 0 };
  }

  const isHeld = (id: string) => held.some((one) => one.decision.id === id);

  // A signal cannot answer its sender: a refusal is an entry and a receipt, never thrown.
  setHandler(
    decideSignal,
    (payload) => {
      const parsed = parseDecision(payload);
      if (parsed.ok) take(parsed.decision, 'signal');
      else malformed(parsed.problem, parsed.id, 'signal');
    },
    { description: DESCRIPTIONS.decide },
  );
  const refuseMalformed = (payload: unknown) => {
    const parsed = parseDecision(payload);
    if (!parsed.ok) throw malformedUpdate(parsed.problem);
  };
  const answer = (payload: unknown): Receipt | Promise<Receipt> => {
    const parsed = parseDecision(payload);
    if (!parsed.ok) return malformed(parsed.problem, parsed.id, 'update');
    const receipt = take(parsed.decision, 'update');
    if (receipt.status !== 'pending' || gate === undefined) return receipt;
    return condition(() => !isHeld(receipt.id)).then(() => receiptFor(gate as Gate, receipt.id));
  };
  setHandler(decideUpdate, answer, { description: DESCRIPTIONS.decide, validator: refuseMalformed });
  setHandler(
    decideForOutcomeUpdate,
    async (payload): Promise<Concluded> => {
      const receipt = await answer(payload);
      if (receipt.status !== 'admitted' || !decided(gate)) return receipt;
      await condition(() => concluded !== undefined);
      return concluded === undefined ? receipt : { ...receipt, result: concluded };
    },
    { description: DESCRIPTIONS.decideForOutcome, validator: refuseMalformed },
  );
  setHandler(gateQuery, packet, { description: DESCRIPTIONS.gate });
  setHandler(receiptQuery, (id) => receiptOf(typeof id === 'string' ? id : ''), {
    description: DESCRIPTIONS.receipt,
  });
  setHandler(admitQuery, (payload) => dryRun(payload), { description: DESCRIPTIONS.admit });
  setDefaultSignalHandler((signal) => {
    ledger.noteBounded({ type: 'unknown-signal', gate: name, name: signal.slice(0, 200) });
  });

  function receiptOf(id: string): Receipt {
    const revision = gate?.revision ?? 0;
    if (isHeld(id)) return { id, status: 'pending', gate: name, revision };
    const here: Receipt =
      gate === undefined ? { id, status: 'unknown', gate: name, revision } : receiptFor(gate, id);
    return here.status === 'unknown' ? (before?.receipt(id) ?? here) : here;
  }

  function dryRun(payload: unknown): Receipt {
    const parsed = parseDecision(payload);
    const at = { gate: name, revision: gate?.revision ?? 0 };
    const why = !parsed.ok
      ? refusal('MALFORMED_DECISION', { problem: parsed.problem })
      : gate === undefined
        ? undefined
        : admit(gate, parsed.decision, glance());
    const id = (parsed.ok ? parsed.decision.id : parsed.id) ?? '';
    if (why !== undefined) return { id, status: 'refused', ...why, ...at };
    return { id, status: gate === undefined ? 'pending' : 'admitted', ...at };
  }

  async function settleHeld(): Promise<void> {
    const times = await timesOf(held.filter((one) => one.late).map((one) => one.decision.id));
    for (let next = held[0]; next !== undefined; next = held[0]) {
      // What turned late while others were looked into is asked for in the next round.
      if (next.late && !times.has(next.decision.id)) return;
      const received = next.late ? times.get(next.decision.id) : next.at;
      const known = received !== undefined;
      const at = received ?? next.at;
      const edit =
        known && next.decision.verdict === 'edit' && admit(gate as Gate, next.decision, at) === undefined;
      const found = edit ? await assessEdit(gate as Gate, next.decision) : {};
      held = held.slice(1);
      if (known) judge({ ...next, at }, found.assessment, found.unfit);
      else
        turnAway(
          next.decision,
          next.via,
          refusal('RECEIVE_TIME_UNKNOWN', { deadline: instant((gate as Gate).deadline) }),
        );
    }
  }

  show();
  return {
    root,
    name,
    requester,
    ledger,
    packet,
    gate: () => gate,
    receipt: receiptOf,
    take,
    holds: () => held.length > 0,
    settleHeld,
    move,
    announceApproved,
    closeUnopened(outcome, reason) {
      unopened = { outcome, reason };
      for (const { decision, via } of held)
        turnAway(decision, via, refusal('GATE_CLOSED', { state: `closed, outcome ${outcome}` }));
      held = [];
      ledger.note({ type: 'closed', outcome, reason });
      show();
    },
    conclude(result) {
      concluded = result;
    },
  };
}

/** People are done with it. */
function decided(gate: Gate | undefined): boolean {
  return gate?.status === 'approved' || gate?.status === 'executing' || gate?.status === 'closed';
}

function isShort({ assessment: { runs } }: Gate): boolean {
  return runs.in === 'worker' && runs.short === true;
}

function malformedUpdate(problem: string): ApplicationFailure {
  const { code, message } = refusal('MALFORMED_DECISION', { problem });
  return ApplicationFailure.nonRetryable(`${code}: ${message}`, code);
}
