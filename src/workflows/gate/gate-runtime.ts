/**
 * Where a gate takes its messages, from the workflow's first moment to its last, and where its state stands. What may happen is
 * decided in the domain; here is only when and with which facts. `handlers.ts` binds it to signals, updates and queries.
 */
import { CancellationScope, condition, setCurrentDetails } from '@temporalio/workflow';
import { admit } from '../../domain/admission';
import type { Via } from '../../domain/audit';
import { parseDecision, type Decision, type Receipt } from '../../domain/decision';
import { canonical, type Root } from '../../domain/digest';
import {
  decide,
  receiptFor,
  refuse,
  type Escalation,
  type Gate,
  type Instant,
  type Outcome,
} from '../../domain/gate';
import { wordsOf } from '../../domain/changes';
import { gradeIn } from '../../domain/gate-grade';
import { packetOf, type Packet, type Result } from '../../domain/packet';
import { levelAt } from '../../domain/policy';
import type { PlanView } from '../../domain/plan-view';
import { refusal, type Refusal } from '../../domain/refusal';
import { canProve, goodUntil, isToBeVerified } from '../../domain/signing';
import { transitions } from '../../domain/transitions';
import { glance, moment } from '../runtime/replay-clock';
import { details } from '../details';
import { openEarly } from './early';
import { handle, type Counter } from '../runtime/handlers';
import { settle, type Findings, type Held } from './held-decisions';
import { announce, announceState } from './search-attributes';
import type { Ledger } from '../record/ledger';
import { meterUnopened, openMeter } from '../runtime/metrics';
import { openNotices, type Notices } from './notices';
import type { Carried, Setting } from './context';

/** One gate's desk: it takes messages from the workflow's first moment to its last. */
export interface Desk extends Counter {
  readonly root: Root;
  readonly name: string;
  readonly requester: string;
  readonly ledger: Ledger;
  readonly notices: Notices;
  setting(): Setting;
  /** What the worker has told of itself. */
  set(setting: Setting): void;
  gate(): Gate | undefined;
  /** When people were first asked, where that is known. */
  openedAt(): Instant | undefined;
  /** Decisions wait for something to be found out; nothing expires, and no run ends, before they are judged. */
  holds(): boolean;
  /** Puts the gate into its next state, as the domain made it. */
  move(next: Gate): void;
  /** It is approved and executes for longer than a moment: it leaves the inbox, where it has not yet. */
  announceApproved(): void;
  /** Before a gate opens: a child workflow is asked, such as an agent's level. */
  waitOn(child: Pick<Packet, 'level' | 'waitingOn'> | undefined): void;
  /** Before the gate opens: why it has to wait for its turn. */
  queue(why: string | undefined): void;
  /** The workflow ended without a gate. */
  closeUnopened(outcome: Outcome, reason?: string, escalations?: readonly Escalation[]): void;
  /** How it ended: whoever waits for the outcome gets it. */
  conclude(result: Result): void;
  /** Signals that this run has taken. */
  signals(): number;
}

export interface DeskOptions {
  readonly root: Root;
  readonly name: string;
  readonly requester: string;
  readonly ledger: Ledger;
  readonly setting: Setting;
  /** Of a step: the plan that it is one of. */
  readonly plan?: PlanView | undefined;
  /** What the run before this one left. */
  readonly carried?: Carried | undefined;
  /** The workflow's gate before this one, which goes on answering for its decisions. */
  readonly before?: Desk | undefined;
}

export function openDesk(options: DeskOptions): Desk {
  const { root, name, requester, ledger, setting, plan, carried, before } = options;
  const withPlan = plan === undefined ? {} : { plan };
  let gate: Gate | undefined = carried?.gate;
  let within: Setting = carried?.setting ?? setting;
  let elsewhere: Pick<Packet, 'level' | 'waitingOn'> | undefined;
  let unopened: Pick<Packet, 'outcome' | 'reason' | 'escalations'> | undefined;
  let held: Held[] = [];
  let waitingFor: string | undefined;
  let queued: string | undefined;
  let concluded: Result | undefined;
  let unannounced = false;
  let signals = 0;
  const early = openEarly(name);
  const meter = openMeter(carried?.openedAt);
  const notices = openNotices(ledger, () => within.channels === true);
  ledger.watch((reason) => {
    if (waitingFor === reason) return;
    waitingFor = reason;
    announceApproved();
    show();
  });

  const wordsIn = wording();

  const packet = (): Packet => {
    const standstill = waitingFor ?? queued;
    const here = standstill === undefined ? {} : { waitingFor: standstill };
    if (gate !== undefined) return { ...packetOf(gate), ...wordsIn(gate), ...taught(within), ...here };
    const { workflowId } = root;
    const status = unopened !== undefined ? 'closed' : elsewhere === undefined ? 'proposing' : 'waiting';
    const nothing = { revision: 0, signatures: [], verdicts: [], authentication: 'open' as const };
    return {
      v: 1,
      workflowId,
      gate: name,
      status,
      requester,
      ...nothing,
      ...withPlan,
      ...unopened,
      ...elsewhere,
      ...here,
    };
  };
  const show = () => {
    setCurrentDetails(details(packet()));
  };

  function move(next: Gate): void {
    const before = gate;
    gate = before === undefined ? early.remembered(next) : next;
    for (const fact of transitions(before, next)) ledger.note(fact);
    meter.moved(before, next);
    // What is executed within the moment need not be told from what waits, and an attribute costs an event.
    const short = next.status === 'approved' && isShort(next);
    unannounced = short || (unannounced && next.status === 'executing');
    if (!short) announce(before, next);
    notices.moved(before, next);
    show();
  }

  function announceApproved(): void {
    if (!unannounced || gate === undefined) return;
    unannounced = false;
    announceState('approved');
  }

  /** Judges what can be judged now. A decision that does not count leaves a receipt and an entry, never an error. */
  function judge({ decision, via }: Pick<Held, 'decision' | 'via'>, findings: Findings): Receipt {
    const here = gate as Gate; // nothing is judged before the gate opens
    const { at, found, unfit, unknown } = findings;
    const repeated = receiptFor(here, decision.id);
    const fresh = repeated.status === 'unknown';
    const refused = fresh ? (unknown ?? admit(here, decision, at) ?? unfit) : admit(here, decision, at);
    if (!fresh && refused?.code !== 'ID_REUSED') {
      ledger.noteBounded({ type: 'repeated', gate: name, id: decision.id, via });
      return repeated;
    }
    if (refused !== undefined) return turnAway(decision, via, refused);
    const graded = gradeIn(here, decision, at);
    const authentication = 'grade' in graded ? graded.grade : 'open';
    const { revision } = here;
    const { name: level } = levelAt(here.policy, here.rung);
    ledger.note({ type: 'decided', gate: name, revision, level, decision, via, authentication });
    move(decide(here, decision, at, found));
    return receiptFor(gate as Gate, decision.id);
  }

  function turnAway(decision: Decision, via: Via, why: Refusal): Receipt {
    const { id, reviewer, verdict } = decision;
    ledger.noteBounded({ type: 'refused', gate: name, id, reviewer, verdict, via, ...why });
    answered(decision, why);
    return { id, status: 'refused', ...why, gate: name, revision: gate?.revision ?? 0 };
  }

  function answered(sent: { readonly id: string }, why: Refusal): void {
    if (gate === undefined) early.refuse(sent, why);
    else gate = refuse(gate, sent, why);
  }

  function take(decision: Decision, via: Via): Receipt {
    const came = moment();
    const { at } = came;
    const { id } = decision;
    if (via === 'signal') signals += 1;
    const settledBefore = before?.receipt(id).status;
    if (before !== undefined && settledBefore !== 'unknown') return before.take(decision, via);
    const pending: Receipt = { id, status: 'pending', gate: name, revision: gate?.revision ?? 0 };
    const waiting = held.find((one) => one.decision.id === id);
    if (waiting !== undefined)
      return canonical(waiting.decision) === canonical(decision)
        ? pending
        : turnAway(decision, via, refusal('ID_REUSED', { id }));
    if (gate === undefined) {
      const repeated = early.repeated(decision);
      if (repeated !== undefined) {
        ledger.noteBounded({ type: 'repeated', gate: name, id, via });
        return repeated;
      }
      const why = early.why(decision, held.length);
      if (why !== undefined) return turnAway(decision, via, why);
      held.push({ decision, via, came, late: false, signed: true });
      return pending;
    }
    const known = receiptFor(gate, id).status !== 'unknown';
    const late = via === 'signal' && readLate(gate, decision, at);
    const admitted = late || admit(gate, decision, at) === undefined;
    const signed = admitted && isToBeVerified(gate.reviewers, decision);
    const edit = admitted && decision.verdict === 'edit';
    // Whatever comes behind a decision that is being looked into waits its turn: the first one counts first.
    if (known || !(late || edit || signed || held.length > 0)) return judge({ decision, via }, { at });
    held.push({ decision, via, came, late, signed });
    return pending;
  }

  function malformed(problem: string, id: string | undefined, via: Via): Receipt {
    if (via === 'signal') signals += 1;
    const why = refusal('MALFORMED_DECISION', { problem });
    ledger.noteBounded({ type: 'refused', gate: name, ...(id === undefined ? {} : { id }), via, ...why });
    if (id !== undefined) answered({ id, problem } as { id: string }, why);
    return { id: id ?? '', status: 'refused', ...why, gate: name, revision: gate?.revision ?? 0 };
  }

  const isHeld = (id: string) => held.some((one) => one.decision.id === id);

  function receiptOf(id: string): Receipt {
    const revision = gate?.revision ?? 0;
    if (isHeld(id)) return { id, status: 'pending', gate: name, revision };
    const here = gate === undefined ? early.receipt(id) : receiptFor(gate, id);
    return here.status === 'unknown' ? (before?.receipt(id) ?? here) : here;
  }

  function dryRun(payload: unknown): Receipt {
    const parsed = parseDecision(payload);
    const at = { gate: name, revision: gate?.revision ?? 0 };
    const why = !parsed.ok
      ? refusal('MALFORMED_DECISION', { problem: parsed.problem })
      : gate === undefined
        ? early.why(parsed.decision, isHeld(parsed.decision.id) ? 0 : held.length)
        : admit(gate, parsed.decision, glance());
    const id = (parsed.ok ? parsed.decision.id : parsed.id) ?? '';
    if (why !== undefined) return { id, status: 'refused', ...why, ...at };
    return { id, status: gate === undefined ? 'pending' : 'admitted', ...at };
  }

  const desk: Desk = {
    root,
    name,
    requester,
    ledger,
    notices,
    setting: () => within,
    set(setting) {
      within = setting;
    },
    packet,
    gate: () => gate,
    openedAt: () => meter.openedAt(),
    receipt: receiptOf,
    take,
    malformed,
    stray(signal) {
      signals += 1;
      ledger.noteBounded({ type: 'unknown-signal', gate: name, name: signal.slice(0, 200) });
    },
    dryRun,
    isHeld,
    hasGate: () => gate !== undefined,
    isDecided: () => gate !== undefined && DECIDED.includes(gate.status),
    holds: () => held.length > 0,
    move,
    announceApproved,
    closeUnopened(outcome, reason, escalations = []) {
      const because = reason === undefined ? {} : { reason };
      unopened = { outcome, ...because, ...(escalations.length === 0 ? {} : { escalations }) };
      early.close(outcome);
      for (const { decision, via } of held)
        turnAway(decision, via, refusal('GATE_CLOSED', { state: `closed, outcome ${outcome}` }));
      held = [];
      ledger.note({ type: 'closed', outcome, ...because });
      meterUnopened(outcome);
      show();
    },
    waitOn(child) {
      elsewhere = child;
      show();
    },
    queue(why) {
      queued = why;
      if (why !== undefined) ledger.note({ type: 'queued', gate: name, reason: why });
      show();
    },
    conclude(result) {
      concluded = result;
    },
    concluded: () => concluded,
    signals: () => signals,
  };
  /** Judges what is held, whatever the gate is at: nobody who waits for an answer waits for ever. */
  async function clerk(): Promise<void> {
    const ours = (one: Held, findings: Findings) => {
      held = held.filter((other) => other !== one);
      judge(one, findings);
    };
    for (;;) {
      await condition(() => gate !== undefined && held.length > 0);
      await settle(held, () => gate as Gate, within, ours);
    }
  }

  handle(desk);
  show();
  // Cancelled with the workflow it would leave decisions unanswered.
  void CancellationScope.nonCancellable(clerk);
  return desk;
}

/** People are done with it. */
const DECIDED: readonly Gate['status'][] = ['approved', 'executing', 'closed'];

/** After the deadline, or the time of what stands on it: whether the server received it before, its history knows. */
function readLate(gate: Gate, decision: Decision, at: number): boolean {
  if (gate.status !== 'open') return false;
  const { reviewers, policy } = gate;
  return at >= gate.deadline || (canProve(reviewers) && at >= goodUntil(decision, policy));
}

function isShort({ assessment: { runs } }: Gate): boolean {
  return runs.in === 'worker' && runs.short === true;
}

/** The agent had examples of what people did not take. */
function taught({ lessons }: Setting): Pick<Packet, 'lessons'> {
  return lessons === undefined ? {} : { lessons };
}

/** Word by word what changed in its texts, found out once a revision: derived from what the record has already. */
function wording(): (gate: Gate) => Pick<Packet, 'words'> {
  let known: { readonly digest: string; readonly words: Pick<Packet, 'words'> } | undefined;
  return (gate) => {
    const { digest } = gate;
    if (known?.digest === digest) return known.words;
    const words = wordsOf(gate);
    known = { digest, words: words.length === 0 ? {} : { words } };
    return known.words;
  };
}
