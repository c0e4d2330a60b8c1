/**
 * Binds the pure gate to Temporal: signals, the update and queries in front, the deadline's timer behind, every
 * transition noted in the ledger. What may happen is decided in domain/gate; here is only when and with which facts.
 */
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  setCurrentDetails,
  setDefaultSignalHandler,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import type { Via } from '../domain/audit';
import { parseDecision, type Decision, type Receipt } from '../domain/decision';
import { canonical, type Root } from '../domain/digest';
import {
  admit,
  cancel,
  decide,
  expire,
  instant,
  openGate,
  receiptFor,
  refuse,
  type Asked,
  type Assessment,
  type ClosedGate,
  type ApprovedGate,
  type Gate,
  type Instant,
} from '../domain/gate';
import { packetOf, type Packet } from '../domain/packet';
import { refusal, type Refusal } from '../domain/refusal';
import { transitions } from '../domain/transitions';
import { glance, now } from './clock';
import { details } from './details';
import { announce } from './inbox';
import { assessEdit, timesOf } from './inquiries';
import { openLedger, type Ledger } from './ledger';
import { admitQuery, decideSignal, decideUpdate, DESCRIPTIONS, gateQuery, receiptQuery } from './messages';

/** Decisions that may wait for a gate to open: after a reset they come before it. */
const EARLY = 100;
/** Entries that may wait in memory while people think. */
const UNSTORED = 100;

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
  readonly ledger: Ledger;
  packet(): Packet;
  gate(): Gate | undefined;
  /** Waits on people, until they or the clock have decided. */
  gated(asked: Asked): Promise<ApprovedGate | ClosedGate>;
  /** Puts the gate into its next state, as the domain made it. */
  move(next: Gate): void;
  /** The workflow ended before a gate opened. */
  closeUnopened(outcome: 'failed' | 'cancelled', reason: string): void;
}

export function openDesk(root: Root, name: string, requester: string): Desk {
  let gate: Gate | undefined;
  let unopened: Pick<Packet, 'outcome' | 'reason'> | undefined;
  let held: Held[] = [];
  let waitingFor: string | undefined;
  const ledger = openLedger(root, name, (reason) => {
    if (waitingFor === reason) return;
    waitingFor = reason;
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
    if (before?.status !== next.status && next.status !== 'executing') announce(before, next);
    show();
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
  setHandler(
    decideUpdate,
    (payload): Receipt | Promise<Receipt> => {
      const parsed = parseDecision(payload);
      if (!parsed.ok) return malformed(parsed.problem, parsed.id, 'update');
      const receipt = take(parsed.decision, 'update');
      if (receipt.status !== 'pending' || gate === undefined) return receipt;
      return condition(() => !isHeld(receipt.id)).then(() => receiptFor(gate as Gate, receipt.id));
    },
    {
      description: DESCRIPTIONS.decide,
      validator: (payload) => {
        const parsed = parseDecision(payload);
        if (!parsed.ok) throw malformedUpdate(parsed.problem);
      },
    },
  );
  setHandler(gateQuery, packet, { description: DESCRIPTIONS.gate });
  setHandler(receiptQuery, (id) => receiptOf(id), { description: DESCRIPTIONS.receipt });
  setHandler(admitQuery, (payload) => dryRun(payload), { description: DESCRIPTIONS.admit });
  setDefaultSignalHandler((signal) => {
    ledger.noteBounded({ type: 'unknown-signal', gate: name, name: signal.slice(0, 200) });
  });

  function receiptOf(id: unknown): Receipt {
    const asked = typeof id === 'string' ? id : '';
    const revision = gate?.revision ?? 0;
    if (isHeld(asked)) return { id: asked, status: 'pending', gate: name, revision };
    return gate === undefined
      ? { id: asked, status: 'unknown', gate: name, revision }
      : receiptFor(gate, asked);
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

  /** Judges what is held, first come first, with what had to be found out: receive times, an edit's assessment. */
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

  async function gated(asked: Asked): Promise<ApprovedGate | ClosedGate> {
    const opened = openGate(asked, now());
    move(opened);
    let due = false;
    const clock = new CancellationScope();
    const ticking = clock.run(() =>
      sleep(opened.deadline - now(), { summary: `deadline of ${opened.level.name}` }),
    );
    ticking.then(
      () => (due = true),
      () => undefined, // decided in time: the timer was cancelled
    );
    while (gate?.status === 'open') {
      await condition(
        () => gate?.status !== 'open' || held.length > 0 || due || ledger.pending() >= UNSTORED,
      );
      if (held.length > 0) await settleHeld();
      else if (due) move(expire(gate, Math.max(now(), opened.deadline)));
      else if (ledger.pending() >= UNSTORED)
        await ledger.store(() => gate?.status !== 'open' || held.length > 0 || due);
    }
    if (!due) clock.cancel();
    await settleHeld();
    return gate as ApprovedGate | ClosedGate;
  }

  show();
  return {
    root,
    ledger,
    packet,
    gate: () => gate,
    gated,
    move,
    closeUnopened(outcome, reason) {
      unopened = { outcome, reason };
      for (const { decision, via } of held)
        turnAway(decision, via, refusal('GATE_CLOSED', { state: `closed, outcome ${outcome}` }));
      held = [];
      ledger.note({ type: 'closed', outcome, reason });
      show();
    },
  };
}

export function callOff(desk: Desk, reason: string): void {
  const gate = desk.gate();
  if (gate === undefined) return;
  const next = cancel(gate, reason);
  if (next !== gate) desk.move(next);
}

function malformedUpdate(problem: string): ApplicationFailure {
  const { code, message } = refusal('MALFORMED_DECISION', { problem });
  return ApplicationFailure.nonRetryable(`${code}: ${message}`, code);
}
