/** The judgement as the executor asks it, over the same world: rules, directory and registry are those of the worker, and nothing else is. */
import { evidenceFault } from '../../src/domain/gate/evidence';
import type { Decision } from '../../src/domain/gate/decision';
import { raised, floorOf } from '../../src/domain/floor';
import { firstHeard, ranked } from '../../src/domain/heard';
import { judge, type Graded, type Shortfall } from '../../src/domain/judgement';
import { phraseOf } from '../../src/domain/phrase';
import type { Policy } from '../../src/domain/policy';
import { policyNow } from '../../src/domain/policy-now';
import type { Directory } from '../../src/domain/reviewers';
import type { Picked, Rules } from '../../src/domain/gate/policy-source';
import {
  decisionText,
  doorKeyOf,
  forgery,
  gradeOf,
  keyOf,
  vouchText,
  type PersonKey,
  type Where,
} from '../../src/domain/gate/signature';
import { tightened } from '../../src/domain/tighten';
import { isSigned } from './naive-proofs';
import type { Files, World } from './naive-world';

/** As the rules of a file do it, once they have picked. */
function rulesOf({ rules, directory, risk }: Files): Rules {
  const onFloor = (policy: Policy) =>
    raised(policy, floorOf(directory, { confirmation: policy.confirmation, risk }));
  return {
    configured: rules !== undefined,
    pick(_, given) {
      if (rules === undefined) return { ok: true, policy: given as Policy };
      const tight = tightened(onFloor(rules), given as Policy);
      return tight.ok
        ? { ok: true, policy: onFloor(tight.policy) }
        : { ok: false, code: 'POLICY_TOO_WEAK', message: tight.problem };
    },
  };
}

const found = new WeakMap<Decision, Map<string, ReturnType<typeof genuineAnew>>>();

/** Each is looked at once, at each level and with each key. */
function genuine(directory: Directory | undefined, where: Where, decision: Decision) {
  const made = found.get(decision) ?? new Map<string, ReturnType<typeof genuineAnew>>();
  found.set(decision, made);
  const key = keyOf(directory, decision);
  const at = [
    where.deployment,
    where.gate,
    where.level,
    key && 'public' in key ? key.public : '',
    doorKeyOf(directory, decision)?.public,
  ].join('\n');
  const known = made.get(at) ?? genuineAnew(directory, where, decision);
  made.set(at, known);
  return known;
}

function genuineAnew(directory: Directory | undefined, where: Where, decision: Decision) {
  const { signature, vouch } = decision;
  const key: PersonKey | undefined = keyOf(directory, decision);
  const doorKey = doorKeyOf(directory, decision);
  return {
    ...(signature === undefined
      ? {}
      : {
          signature:
            key !== undefined &&
            'public' in key &&
            isSigned(key.public, decisionText(where, decision, signature), signature.value),
        }),
    ...(vouch === undefined
      ? {}
      : {
          vouch:
            doorKey !== undefined && isSigned(doorKey.public, vouchText(where, decision, vouch), vouch.value),
        }),
  };
}

const policies = new WeakMap<Files, WeakMap<Policy, Picked>>();

/** What these rules say of a recorded policy does not depend on the rest of the evidence. */
function known(files: Files, recorded: Policy, pick: () => Picked): Picked {
  const made = policies.get(files) ?? new WeakMap<Policy, Picked>();
  policies.set(files, made);
  const picked = made.get(recorded) ?? pick();
  made.set(recorded, picked);
  return picked;
}

/** Why it does not carry its effect; undefined where it does. */
export function judged({ files, server, question, evidence }: World): Shortfall | undefined {
  const { directory, deployment, risk, normal } = files;
  const missing = evidenceFault(evidence);
  if (missing !== undefined) return { code: 'NOT_SIGNED', message: missing };
  const { now, requesterProof, heard } = server;
  const { root, gate, action, args, digest } = question;
  const met = { rules: rulesOf(files), directory, action, args, risk, effect: true, requesterProof };
  const found = known(files, evidence.policy, () => policyNow(evidence, met));
  if (!found.ok) return { code: 'POLICY_TOO_WEAK', message: found.message };
  const { policy } = found;
  const stakes = { confirmation: policy.confirmation, risk };
  const received = ranked(server.received);
  return judge(evidence, question, {
    directory,
    policy,
    phrase: phraseOf(policy, { phrase: files.phrase }, action, digest),
    requesterProof,
    now,
    grade(among, decision, level, at): Graded {
      const graded = gradeOf(among, decision, stakes, at);
      if ('fault' in graded || graded.grade === 'open') return graded;
      const fault = forgery(decision, genuine(among, { deployment, root, gate, level }, decision));
      return fault === undefined ? graded : { fault };
    },
    receivedAt: (decision) => firstHeard(received, decision)?.at,
    normal,
    heard,
    shownFor: (of, revision) =>
      server.record
        .filter((one) => one.digest === of && (revision === undefined || one.revision === revision))
        .map(({ shown }) => shown),
  });
}
