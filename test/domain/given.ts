/** What the domain's tests are given: a gate on a refund, decisions in one word, and a way to play them. */
import type { Decision } from '../../src/domain/decision';
import { admit, decide, openGate, refuse, type Assessment, type Gate } from '../../src/domain/gate';
import type { JsonObject } from '../../src/domain/json';
import { Policy } from '../../src/domain/policy';
import type { z } from 'zod';

export const OPENED = Date.parse('2026-03-02T09:00:00.000Z');
export const HOUR = 3_600_000;
export const DEADLINE = OPENED + 4 * HOUR;
export const ROOT = { workflowId: 'refund-4711', firstRunId: 'run-1' };
export const ARGS = { order: 'A-4711', amount: 40 };
export const UNKNOWN_DIGEST = 'f'.repeat(64);

type LevelInput = z.input<typeof Policy>['levels'][number];

export function policy(level: Partial<LevelInput> = {}, rest: Partial<z.input<typeof Policy>> = {}): Policy {
  return Policy.parse({
    confirmation: 'CONFIRM',
    levels: [
      {
        name: 'HUMAN',
        approvers: { people: ['ana', 'bo', 'cy', 'req'] },
        respondWithin: '4 hours',
        ...level,
      },
    ],
    ...rest,
  });
}

export function assessed(args: JsonObject): Assessment {
  return { args, risk: 'medium', runs: { in: 'worker', timeout: '1 minute' } };
}

export function proposal(args: JsonObject = ARGS, title = 'Refund order A-4711') {
  return { action: 'refund', args, title, rationale: 'arrived broken', confidence: 0.8, sensitive: false };
}

export function open(under: Policy = policy()): Gate {
  return openGate(
    {
      root: ROOT,
      gate: 'main',
      requester: 'req',
      proposal: proposal(),
      policy: under,
      assessment: assessed(ARGS),
      by: 'req',
    },
    OPENED,
  );
}

/** A decision as it is sent on what the gate shows at that moment. */
export type Said = (gate: Gate, nth: number) => { decision: Decision; at: number };

export function says(reviewer: string, verdict: Decision['verdict'], rest: Partial<Decision> = {}): Said {
  return (gate, nth) => ({
    decision: { v: 1, id: `d${nth}`, digest: gate.digest, verdict, reviewer, ...rest },
    at: OPENED + nth * 1_000,
  });
}

export const approve = (who: string, rest: Partial<Decision> = {}) => says(who, 'approve', rest);
export const reject = (who: string, rest: Partial<Decision> = {}) =>
  says(who, 'reject', { comment: 'no', ...rest });
export const edit = (who: string, amount = 30, rest: Partial<Decision> = {}) =>
  says(who, 'edit', { args: { ...ARGS, amount }, ...rest });
export const comment = (who: string, rest: Partial<Decision> = {}) =>
  says(who, 'comment', { comment: 'why?', ...rest });
export const cancel = (who: string, rest: Partial<Decision> = {}) => says(who, 'cancel', rest);
export const at =
  (instant: number, said: Said): Said =>
  (gate, nth) => ({ ...said(gate, nth), at: instant });

export interface Played {
  readonly gate: Gate;
  /** For each decision in turn: `admitted`, or the code of its refusal. */
  readonly answers: readonly string[];
  /** For each decision in turn: the sentence of its refusal, or ''. */
  readonly sentences: readonly string[];
}

/** Does what the workflow does: ask `admit`, then `decide` or `refuse`. */
export function play(gate: Gate, saids: readonly Said[]): Played {
  return saids.reduce<Played>(
    (before, said, index) => {
      const { decision, at: when } = said(before.gate, index + 1);
      const refused = admit(before.gate, decision, when);
      const next =
        refused === undefined
          ? decide(before.gate, decision, when, decision.args && assessed(decision.args))
          : refuse(before.gate, decision, refused);
      return {
        gate: next,
        answers: [...before.answers, refused?.code ?? 'admitted'],
        sentences: [...before.sentences, refused?.message ?? ''],
      };
    },
    { gate, answers: [], sentences: [] },
  );
}

/** The parts of a gate that a table's row asserts. */
export function leaves(gate: Gate) {
  return {
    status: gate.status,
    revision: gate.revision,
    amount: gate.proposal.args['amount'],
    signatures: gate.signatures.map((one) => one.reviewer),
    rejections: gate.rejections.map((one) => one.reviewer),
    outcome: gate.status === 'closed' ? gate.outcome : undefined,
    reason: gate.status === 'closed' ? gate.reason : undefined,
  };
}
