/** The judgement as tables and the fuzz ask for it: an examiner's few facts, and of the rest what the evidence says of itself. */
import { shownOf, type Evidence } from '../../src/domain/gate/evidence';
import { canonical, type Root, type Undo } from '../../src/domain/digest';
import type { Decision } from '../../src/domain/gate/decision';
import { judge, type Own, type Shortfall } from '../../src/domain/judgement';
import type { JsonObject } from '../../src/domain/json';
import { phraseOf } from '../../src/domain/phrase';
import type { Directory } from '../../src/domain/reviewers';
import { gradeOf, type Where } from '../../src/domain/gate/signature';

export interface Examiner {
  /** As the worker holds it now. */
  readonly reviewers: Directory | undefined;
  readonly now: number;
  verifies(where: Omit<Where, 'deployment'>, decision: Decision): boolean;
  normal(args: JsonObject): JsonObject | undefined;
}

export interface Executed {
  readonly root: Root;
  readonly gate: string;
  readonly digest: string;
  readonly revision: number;
  readonly args: JsonObject;
  readonly action?: string;
  readonly undo?: Undo | undefined;
}

/** Why the evidence does not carry the effect; undefined where it does. No rules, and a record that holds what the evidence holds. */
export function shortfall(
  evidence: Evidence,
  { root, action = 'refund', ...what }: Executed,
  by: Examiner,
  change: Partial<Own> = {},
): Shortfall | undefined {
  const { policy, risk, requesterProof } = evidence;
  const sent = evidence.decisions.map(({ at, revision: _r, level, ...decision }) => ({
    decision,
    level,
    at,
  }));
  const heard = sent.map(({ at, ...one }) => ({ ...one, at: Date.parse(at) }));
  return judge(
    evidence,
    { ...what, action },
    {
      directory: by.reviewers,
      policy,
      phrase: phraseOf(policy, { phrase: evidence.phrase }, action, what.digest),
      requesterProof,
      now: by.now,
      grade(directory, decision, level, at) {
        const graded = gradeOf(directory, decision, { confirmation: policy.confirmation, risk }, at);
        if ('fault' in graded || graded.grade === 'open') return graded;
        const { reviewer } = decision;
        return by.verifies({ root, gate: what.gate, level }, decision)
          ? graded
          : {
              fault: {
                code: 'BAD_SIGNATURE',
                message: `the signature is not ${reviewer}'s over this decision`,
              },
            };
      },
      receivedAt: (decision) => heard.find((one) => canonical(one.decision) === canonical(decision))?.at,
      normal: (args) => by.normal(args),
      heard,
      shownFor: (digest) =>
        digest === what.digest
          ? [shownOf(evidence, { ...what, action })]
          : heard.flatMap(({ decision }) => (decision.digest === digest ? (decision.shown ?? []) : [])),
      ...change,
    },
  );
}
