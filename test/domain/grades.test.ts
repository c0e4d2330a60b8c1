/** How surely each sender is known, what that is enough for, and how many have to have signed themselves. */
import { evidenceOf } from '../../src/domain/gate/evidence';
import { decide, type ApprovedGate, type Gate } from '../../src/domain/gate';
import type { Grade } from '../../src/domain/grade';
import { Directory } from '../../src/domain/reviewers';
import type { Vouch } from '../../src/domain/gate/signature';
import { quorumMet, signedVoices } from '../../src/domain/voices';
import {
  approve,
  assessed,
  at,
  edit,
  HOUR,
  keyOf,
  OPENED,
  openAmong,
  play,
  policy,
  reject,
  signedBy,
  withdraw,
  type Said,
} from './given';
import { executed, examiner } from './evidence';
import { shortfall } from './judged';

const MINUTE = 60_000;
const iso = (instant: number) => new Date(instant).toISOString();
const person = (name: string, more: object = {}) => ({
  name,
  identities: [{ method: 'oidc', issuer: 'https://id', subject: name }],
  keys: [{ id: `${name}-1`, public: keyOf(name).public }],
  ...more,
});
const AMONG = Directory.parse({
  people: [person('ana'), person('bo'), person('cy'), { name: 'req' }],
  doors: [{ name: 'web', methods: ['oidc'], keys: [{ id: 'web-1', public: keyOf('web').public }] }],
});

/** With a front door's vouch, as good as a signature is until it is verified. */
function vouched(said: Said, change: Partial<Vouch> = {}): Said {
  return (gate, nth) => {
    const sent = said(gate, nth);
    const { reviewer } = sent.decision;
    const vouch: Vouch = {
      ...{ door: 'web', key: 'web-1', person: reviewer, method: 'oidc', issuer: 'https://id' },
      ...{ subject: reviewer, authTime: iso(sent.at - HOUR), session: 'b'.repeat(64) },
      ...{ issued: iso(sent.at - 1_000), expires: iso(sent.at + 4 * MINUTE) },
      value: `${'A'.repeat(86)}==`,
      ...change,
    };
    return { ...sent, decision: { ...sent.decision, vouch } };
  };
}
const gateOf = (
  authentication: 'open' | 'vouched' | 'signed',
  level: object = {},
  more: Parameters<typeof policy>[1] = {},
): Gate =>
  openAmong(policy({ approvers: { people: ['ana', 'bo', 'cy'] }, ...level }, { authentication, ...more }), {
    reviewers: AMONG,
  });
const answers = (gate: Gate, ...saids: Said[]) => play(gate, saids).answers;
const grades = (gate: Gate) =>
  gate.signatures.map(({ reviewer, authentication }) => [reviewer, authentication]);

describe('what is enough for a gate', () => {
  it.each([
    { asks: 'open' as const, unsigned: 'admitted', vouch: 'admitted', signature: 'admitted' },
    { asks: 'vouched' as const, unsigned: 'UNAUTHENTICATED', vouch: 'admitted', signature: 'admitted' },
    { asks: 'signed' as const, unsigned: 'UNAUTHENTICATED', vouch: 'UNAUTHENTICATED', signature: 'admitted' },
  ])('$asks: nothing $unsigned, a vouch $vouch, a signature $signature', ({ asks, ...codes }) => {
    const gate = gateOf(asks);
    expect({
      unsigned: answers(gate, approve('ana'))[0],
      vouch: answers(gate, vouched(approve('ana')))[0],
      signature: answers(gate, signedBy(approve('ana')))[0],
    }).toEqual(codes);
  });

  it('each thing that stands on a decision must hold, also where less is asked', () => {
    const gate = gateOf('open');
    expect(answers(gate, vouched(approve('ana'), { person: 'bo' }))).toEqual(['NOT_YOU']);
    expect(answers(gate, vouched(signedBy(approve('ana')), { door: 'back' }))).toEqual(['UNKNOWN_DOOR']);
    expect(answers(gate, vouched(signedBy(approve('ana'), { key: 'x' })))).toEqual(['UNKNOWN_KEY']);
    expect(answers(gate, vouched(signedBy(approve('ana'))))).toEqual(['admitted']);
  });

  it('each signature tells its grade', () => {
    const gate = gateOf('vouched', { quorum: 3 });
    const said = [vouched(approve('ana')), signedBy(approve('bo')), vouched(signedBy(approve('cy')))];
    expect(grades(play(gate, said).gate)).toEqual([
      ['ana', 'vouched'],
      ['bo', 'signed'],
      ['cy', 'signed'],
    ]);
    expect(grades(play(gateOf('open', { quorum: 2 }), [approve('ana')]).gate)).toEqual([['ana', 'open']]);
  });
});

describe('a signature that is as old as what is approved may wait', () => {
  const gate = gateOf('vouched', {}, { executeWithin: '30 minutes' });
  const signedAgo = (age: number) =>
    signedBy(at(OPENED + HOUR, approve('ana')), {
      issued: OPENED + HOUR - age,
      expires: OPENED + 2 * HOUR,
    });
  it.each([
    [30 * MINUTE - 1, 'admitted'],
    [30 * MINUTE, 'SIGNATURE_TOO_OLD'],
    [HOUR, 'SIGNATURE_TOO_OLD'],
  ])('after %d ms: %s', (age, code) => {
    expect(answers(gate, signedAgo(age))).toEqual([code]);
  });

  it('counts wherever nothing has to be executed by a time', () => {
    expect(answers(gateOf('vouched'), signedAgo(HOUR))).toEqual(['admitted']);
  });

  it('a vouch is no younger than the signature beside it', () => {
    const brief = gateOf('vouched', {}, { executeWithin: '1 minute' });
    const now = OPENED + HOUR;
    const said = at(now, approve('ana'));
    const young = { issued: now - 1_000, expires: now + HOUR };
    const [issued, expires] = [iso(now - 2 * MINUTE), iso(now + 2 * MINUTE)];
    expect(answers(brief, signedBy(said, young))).toEqual(['admitted']);
    expect(answers(brief, vouched(signedBy(said, young), { issued, expires }))).toEqual([
      'SIGNATURE_TOO_OLD',
    ]);
  });
});

describe('signedAtLeast', () => {
  const gate = gateOf('vouched', { quorum: 2, signedAtLeast: 1 });

  it('so many voices have to sign with keys of their own, whatever the quorum is', () => {
    const vouches = play(gate, [vouched(approve('ana')), vouched(approve('bo'))]).gate;
    expect([vouches.status, grades(vouches).length]).toEqual(['open', 2]);
    expect(play(vouches, [signedBy(approve('cy', { id: 'third' }))]).gate.status).toBe('approved');
    expect(play(gate, [vouched(approve('ana')), signedBy(approve('bo'))]).gate.status).toBe('approved');
  });

  it('whoever was vouched for may sign over it, and counts once', () => {
    const vouches = play(gate, [vouched(approve('ana')), vouched(approve('bo'))]).gate;
    const { gate: over, answers: said } = play(vouches, [signedBy(approve('ana', { id: 'over' }))]);
    expect(said).toEqual(['admitted']);
    expect([over.status, grades(over)]).toEqual([
      'approved',
      [
        ['bo', 'vouched'],
        ['ana', 'signed'],
      ],
    ]);
    const three = gateOf('vouched', { quorum: 3 });
    expect(
      answers(
        three,
        signedBy(approve('ana')),
        vouched(approve('ana')),
        signedBy(approve('ana')),
        vouched(approve('bo')),
        vouched(approve('bo')),
      ),
    ).toEqual(['admitted', 'ALREADY_SIGNED', 'ALREADY_SIGNED', 'admitted', 'ALREADY_SIGNED']);
  });

  it('what was signed and taken back is not counted', () => {
    const said = [signedBy(approve('ana')), signedBy(withdraw('ana')), vouched(approve('bo'))];
    expect(play(gate, [...said, vouched(approve('cy'))]).gate.status).toBe('open');
  });

  it('is no matter of rejections', () => {
    expect(play(gate, [vouched(reject('ana'))]).gate).toMatchObject({ outcome: 'rejected' });
  });

  it.each<[string, number, Said[], string | undefined]>([
    ['one of two who has signed', 1, [vouched(approve('ana')), signedBy(approve('bo'))], undefined],
    ['of two, one who has signed', 2, [vouched(approve('ana')), signedBy(approve('bo'))], 'QUORUM_NOT_MET'],
    [
      'of one, two for whom a door vouches',
      1,
      [vouched(approve('ana')), vouched(approve('bo'))],
      'QUORUM_NOT_MET',
    ],
    ['of two, two who have signed', 2, [signedBy(approve('ana')), signedBy(approve('bo'))], undefined],
  ])(
    'the judgement finds each grade anew, whatever the evidence says: %s',
    (_, signedAtLeast, saids, code) => {
      const { gate: approved } = play(gateOf('vouched', { quorum: 2 }), saids);
      const { policy: under } = approved;
      const asks = { ...under, levels: under.levels.map((one) => ({ ...one, signedAtLeast })) };
      const evidence = evidenceOf(approved as ApprovedGate);
      const by = { ...examiner({ reviewers: AMONG }), verifies: () => true };
      const judged = (authentication: Grade) =>
        shortfall(
          { ...evidence, signatures: evidence.signatures.map((one) => ({ ...one, authentication })) },
          executed(approved),
          { ...by, now: OPENED + MINUTE },
          { policy: asks },
        )?.code;
      expect([judged('signed'), judged('open')]).toEqual([code, code]);
    },
  );

  it('a name without a grade has not signed', () => {
    const { levels } = gate.policy;
    const seats = { delegations: [] };
    const bare = [{ reviewer: 'ana' }, { reviewer: 'bo' }];
    expect([signedVoices(seats, bare), quorumMet(seats, levels[0]!, bare)]).toEqual([0, false]);
    const signed = bare.map((one) => ({ ...one, authentication: 'signed' as const }));
    expect([signedVoices(seats, signed), quorumMet(seats, levels[0]!, signed)]).toEqual([2, true]);
  });

  it('two names of one voice have signed once', () => {
    const delegations = [{ from: 'ana', to: 'bo', decision: 'd', at: iso(OPENED) }];
    const both = ['ana', 'bo'].map((reviewer) => ({ reviewer, authentication: 'signed' as const }));
    expect(signedVoices({ delegations }, both)).toBe(1);
  });
});

describe('an edit meets a policy that asks for more', () => {
  const edits = (said: Said, more: Parameters<typeof policy>[1], risk: 'low' | 'high' = 'low') => {
    const gate = gateOf('vouched', { quorum: 2 });
    const { decision, at: when } = said(gate, 1);
    const under = policy({ approvers: { people: ['ana', 'bo'] }, quorum: 2 }, more);
    const next = decide(gate, decision, when, {
      policy: under,
      assessment: { ...assessed(decision.args ?? {}), risk },
    });
    return grades(next);
  };
  it.each<[string, Said, Parameters<typeof policy>[1], ('low' | 'high') | undefined, string[][]]>([
    ['the same', vouched(edit('ana')), { authentication: 'vouched' }, 'low', [['ana', 'vouched']]],
    ['signed, by a vouch', vouched(edit('ana')), { authentication: 'signed' }, 'low', []],
    [
      'signed, by a signature',
      signedBy(edit('ana')),
      { authentication: 'signed' },
      'low',
      [['ana', 'signed']],
    ],
    // The door vouches for nobody there, though the policy would take a vouch.
    ['high risk, by a vouch', vouched(edit('ana')), { authentication: 'vouched' }, 'high', []],
    [
      'high risk, by a signature',
      signedBy(edit('ana')),
      { authentication: 'vouched' },
      'high',
      [['ana', 'signed']],
    ],
  ])('%s', (_, said, more, risk, left) => {
    expect(edits(said, more, risk)).toEqual(left);
  });
});
