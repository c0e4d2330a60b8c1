/** What the domain's tests are given: a gate on a refund, decisions in one word, and a way to play them. */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { Decision } from '../../src/domain/gate/decision';
import type { Root } from '../../src/domain/digest';
import { admit } from '../../src/domain/gate/admit';
import {
  decide,
  expire,
  openGate,
  refuse,
  closeAfterApproval,
  type Asked,
  type Assessment,
  type ClosedGate,
  type Gate,
  type WaitingGate,
} from '../../src/domain/gate';
import type { JsonObject } from '../../src/domain/json';
import { levelEnd, openLevel, resume, type LevelEnd } from '../../src/domain/gate/levels';
import { levelAt, Policy } from '../../src/domain/policy';
import { Directory } from '../../src/domain/reviewers';
import { decisionText, isPasskey, keyOf as registeredKey, type Where } from '../../src/domain/gate/signature';
import type { z } from 'zod';

export const OPENED = Date.parse('2026-03-02T09:00:00.000Z');
export const HOUR = 3_600_000;
export const DEADLINE = OPENED + 4 * HOUR;
export const ROOT = { workflowId: 'refund-4711', firstRunId: 'run-1' };
/** Where it is asked, and how its requester is known. */
export const PLACE = { deployment: 'test', requesterProof: 'claimed' } as const;
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
      ...PLACE,
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
    decision: { v: 1, id: `d${nth}`, digest: gate.digest, ...read(gate), verdict, reviewer, ...rest },
    at: OPENED + nth * 1_000,
  });
}

/** What a decision has to name where names are not believed. */
export function read(gate: Gate): Pick<Decision, 'shown'> {
  const needed = gate.status === 'open' && (gate.policy.authentication ?? 'open') !== 'open';
  return needed ? { shown: gate.shown } : {};
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

/** What the registry and the rules say of an edit: its args fit, under the policy that it had. */
export function found({ policy: under }: Gate, { args }: Decision) {
  return args === undefined ? undefined : { assessment: assessed(args), policy: under };
}

/** Does what the workflow does: ask `admit`, then `decide` or `refuse`. */
export function play(gate: Gate, saids: readonly Said[]): Played {
  return saids.reduce<Played>(
    (before, said, index) => {
      const { decision, at: when } = said(before.gate, index + 1);
      const refused = admit(before.gate, decision, when);
      const next =
        refused === undefined
          ? decide(before.gate, decision, when, found(before.gate, decision))
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

export const revise = (who: string, text = 'ask for less', rest: Partial<Decision> = {}) =>
  says(who, 'revise', { comment: text, ...rest });
export const respond = (who: string, rest: Partial<Decision> = {}) =>
  says(who, 'respond', { answer: 'it ships on Monday', ...rest });
export const escalateTo = (who: string, rest: Partial<Decision> = {}) =>
  says(who, 'escalate', { comment: 'above my pay', ...rest });
export const delegate = (who: string, to: string, rest: Partial<Decision> = {}) =>
  says(who, 'delegate', { to, ...rest });
export const withdraw = (who: string, rest: Partial<Decision> = {}) => says(who, 'withdraw', rest);
export const extend = (who: string, until: number, rest: Partial<Decision> = {}) =>
  says(who, 'extend', { until: new Date(until).toISOString(), ...rest });

/** HUMAN, where ana, bo and cy are asked for four hours; then MANAGER, where mia and max are for two. */
export function ladder(
  rest: Partial<z.input<typeof Policy>> = {},
  human: Partial<LevelInput> = {},
  manager: Partial<LevelInput> = {},
): Policy {
  const approvers = { people: ['mia', 'max'] };
  const above = { name: 'MANAGER', approvers, respondWithin: '2 hours', ...manager };
  return Policy.parse({ ...policy(human), ...rest, levels: [policy(human).levels[0], above] });
}

/** The gate as it waits on the level MANAGER, after silence at HUMAN. */
export function waitingAbove(under: Policy = ladder(), saids: readonly Said[] = []): WaitingGate {
  const { gate } = play(open(under), saids);
  const next = expire(gate, gate.deadline);
  if (next.status !== 'waiting') throw new Error(`it is ${next.status}`);
  return next;
}

/** Ed25519, of a seed: the same in each run. */
export function keyOf(seed: string) {
  const der = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    createHash('sha256').update(seed).digest(),
  ]);
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(secret).export({ format: 'der', type: 'spki' });
  return { secret, public: spki.subarray(-32).toString('base64') };
}

/** Who people are: ana and bo do security, bo and cy qa, ana is also called ana.lee; the agent AGENT is dan's. */
export const DIRECTORY: Directory = Directory.parse({
  people: [
    { name: 'ana', aliases: ['ana.lee', 'a.lee'], roles: ['security'], keys: [key('ana')] },
    { name: 'bo', roles: ['security', 'qa'], keys: [key('bo')] },
    { name: 'cy', roles: ['qa'], keys: [key('cy')] },
    { name: 'dan', keys: [key('dan')] },
    { name: 'eve', keys: [key('eve')] },
    { name: 'mia', roles: ['manager'], keys: [key('mia')] },
    { name: 'req', aliases: ['r.quest'], keys: [key('req')] },
  ],
  agents: [{ name: 'AGENT', owners: ['dan'] }],
});

function key(name: string) {
  return { id: `${name}-1`, public: keyOf(name).public };
}

/** A gate with a directory of who people are. */
export function openAmong(under: Policy, change: Partial<Asked> = {}): Gate {
  return openGate(
    {
      root: ROOT,
      ...PLACE,
      gate: 'main',
      requester: 'req',
      proposal: proposal(),
      policy: under,
      assessment: assessed(ARGS),
      by: 'req',
      reviewers: DIRECTORY,
      ...change,
    },
    OPENED,
  );
}

/** What is put in place of the parts of a good signature. */
export interface Forged {
  readonly secret?: string;
  readonly key?: string;
  readonly issued?: number;
  readonly expires?: number;
  readonly level?: string;
  readonly root?: Root;
  readonly deployment?: string;
  /** Of the decision, after it was signed. */
  readonly after?: Partial<Decision>;
}

/** The decision, signed an instant before it is received and for an hour, with its reviewer's own first key. */
export function signedBy(said: Said, forged: Forged = {}): Said {
  return (gate, nth) => {
    const sent = said(gate, nth);
    const { decision, at } = sent;
    const { reviewer } = decision;
    const { secret = reviewer, key: id = `${reviewer}-1`, issued = at - 1_000, expires = at + HOUR } = forged;
    const times = { issued: new Date(issued).toISOString(), expires: new Date(expires).toISOString() };
    const { level = levelAt(gate.policy, gate.rung).name, root = gate.root } = forged;
    const { deployment = gate.deployment } = forged;
    const where = { deployment, root, gate: gate.gate, level };
    const text = decisionText(where, decision, { key: id, ...times });
    const value = sign(null, Buffer.from(text), keyOf(secret).secret).toString('base64');
    const signature = { key: id, ...times, value };
    return { ...sent, decision: { ...decision, signature, ...forged.after } };
  };
}

/** As a worker does it: the value against the public key of the directory. */
export function verifies(
  directory: Directory | undefined,
  where: Omit<Where, 'deployment'>,
  decision: Decision,
): boolean {
  const { signature } = decision;
  const found = registeredKey(directory, decision);
  if (signature === undefined || found === undefined || isPasskey(found)) return false;
  const spki = Buffer.concat([
    Buffer.from('302a300506032b6570032100', 'hex'),
    Buffer.from(found.public, 'base64'),
  ]);
  const by = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const text = decisionText({ ...PLACE, ...where }, decision, signature);
  return verify(null, Buffer.from(text), by, Buffer.from(signature.value, 'base64'));
}

/** When the decisions of a level are received: an hour after it was asked. */
export const LATER = DEADLINE + HOUR;

/** The level's own gate after the decisions, all of them received while it is open. */
export function askedAbove(waiting: WaitingGate, saids: readonly Said[]): Gate {
  return play(
    openLevel(waiting, DEADLINE),
    saids.map((said) => at(LATER, said)),
  ).gate;
}

/** What the level's workflow answers. */
export function endOf(gate: Gate): LevelEnd {
  if (gate.status === 'approved') return levelEnd(closeAfterApproval(gate, 'approved'), gate.basis);
  return levelEnd(gate as ClosedGate, undefined);
}

/** The owner's gate, after its level has ended with the decisions. */
export function through(waiting: WaitingGate, saids: readonly Said[]): Gate {
  return resume(waiting, endOf(askedAbove(waiting, saids)), LATER);
}
