/** What chance has found, in sentences: each row was an approval that nobody had given, or one that could not be executed. */
import { evidenceOf } from '../../src/domain/gate/evidence';
import { shortfall } from './judged';
import { admit } from '../../src/domain/gate/admit';
import { decide, type Gate } from '../../src/domain/gate';
import { levelAt, type Policy } from '../../src/domain/policy';
import {
  approve,
  assessed,
  delegate,
  edit,
  HOUR,
  openAmong,
  OPENED,
  play,
  policy,
  reject,
  withdraw,
  type Said,
} from './given';

/** The edit is admitted, and meets another policy. */
function meets(gate: Gate, next: Policy, said: Said = edit('bo', 7)): Gate {
  const { decision, at } = said(gate, 90);
  expect(admit(gate, decision, at)).toBeUndefined();
  return decide(gate, decision, at, { policy: next, assessment: assessed(decision.args!) });
}

const left = (gate: Gate) => ({
  status: gate.status,
  signatures: gate.signatures.map(({ reviewer }) => reviewer),
  delegations: gate.delegations.map(({ from, to }) => `${from} to ${to}`),
});

describe('an edit that meets another policy is signed by its editor only where that policy would take the signature', () => {
  it('it bars the requester, who edited under one that did not', () => {
    const lax = policy({}, { separation: { requester: false } });
    const gate = meets(openAmong(lax), policy(), edit('r.quest', 7));
    expect(left(gate)).toEqual({ status: 'open', signatures: [], delegations: [] });
  });

  it('it bars who answers for the agent', () => {
    const people = { approvers: { people: ['dan', 'bo'] } };
    const lax = openAmong(policy(people, { separation: { requester: false } }), { by: 'AGENT (rules)' });
    const gate = meets(lax, policy(people), edit('dan', 7));
    expect(left(gate)).toEqual({ status: 'open', signatures: [], delegations: [] });
  });

  it('it wants signed decisions, and the edit was not', () => {
    const gate = meets(openAmong(policy()), policy({}, { authentication: 'signed' }));
    expect(left(gate)).toEqual({ status: 'open', signatures: [], delegations: [] });
  });
});

describe('a delegation goes on under another policy only from somebody whom it asks', () => {
  const delegated = (from = 'ana', rest: Partial<Policy> = {}) =>
    play(openAmong({ ...policy({ quorum: 2 }), ...rest }), [delegate(from, 'eve')]).gate;

  it('from ana, who is asked still', () => {
    const gate = meets(delegated(), policy({ quorum: 2, respondWithin: '9 hours' }));
    expect(left(gate)).toEqual({ status: 'open', signatures: ['bo'], delegations: ['ana to eve'] });
    expect(play(gate, [approve('eve', { id: 'x' })]).gate.status).toBe('approved');
  });

  it('from ana, who is asked no more: eve is a stranger, and what bo signs can be executed', () => {
    const gate = meets(delegated(), policy({ approvers: { people: ['bo', 'cy'] } }));
    expect(left(gate)).toEqual({ status: 'approved', signatures: ['bo'], delegations: [] });
    if (gate.status !== 'approved') throw new Error(gate.status);
    const { root, gate: name, digest, revision, proposal } = gate;
    const executed = { root, gate: name, digest, revision, args: proposal.args };
    const executor = { reviewers: gate.reviewers, now: OPENED + HOUR, verifies: () => true };
    expect(shortfall(evidenceOf(gate), executed, { ...executor, normal: (args) => args })).toBeUndefined();
  });

  it('from the requester, who is barred now', () => {
    const gate = meets(
      delegated('req', { separation: { requester: false, acrossLevels: true } }),
      policy({ quorum: 2 }),
    );
    expect(left(gate)).toEqual({ status: 'open', signatures: ['bo'], delegations: [] });
    expect(play(gate, [approve('eve', { id: 'x' })]).answers).toEqual(['NOT_AN_APPROVER']);
  });

  it('unsigned, where decisions are signed now', () => {
    const gate = meets(delegated(), policy({ quorum: 2 }, { authentication: 'signed' }));
    expect(left(gate)).toEqual({ status: 'open', signatures: [], delegations: [] });
  });
});

describe('naming somebody in a role signs for no group', () => {
  const asked = policy({
    approvers: { people: ['eve'] },
    groups: [{ role: 'qa', quorum: 1, rejections: 1 }],
    rejections: 9,
  });

  it('eve delegates to cy of qa and signs herself: qa has not', () => {
    const { gate, answers } = play(openAmong(asked), [delegate('eve', 'cy'), approve('eve')]);
    expect(answers).toEqual(['admitted', 'admitted']);
    expect(left(gate)).toEqual({ status: 'open', signatures: ['eve'], delegations: ['eve to cy'] });
  });

  it('nor rejects for one', () => {
    const { gate } = play(openAmong(asked), [delegate('eve', 'cy'), reject('eve')]);
    expect(gate.status).toBe('open');
    const own = [withdraw('eve', { id: 'w' }), reject('cy', { id: 'c' })];
    expect(play(gate, own).gate.status).toBe('closed');
  });

  it('cy of qa delegates to eve, who signs on behalf of qa, along a chain as well', () => {
    const chain = [delegate('cy', 'dan'), delegate('dan', 'mia'), approve('mia')];
    expect(play(openAmong(asked), chain).gate.status).toBe('approved');
  });
});

it('a level that is the first no more is asked in a child workflow, though nothing of it has changed', () => {
  const two = policy({ quorum: 2 });
  const lead = { ...levelAt(two, 0), name: 'LEAD' };
  const gate = meets(openAmong(two), { ...two, levels: [lead, ...two.levels] });
  expect(gate).toMatchObject({ status: 'waiting', rung: 1, waitingOn: 'refund-4711/HUMAN' });
  expect(left(gate).signatures).toEqual(['bo']);
});
