/** The lines of the list of threats and faults, by their names, as far as the pure core meets them. */
import { admit } from '../../src/domain/gate/admit';
import { evidenceOf } from '../../src/domain/gate/evidence';
import { shortfall, type Examiner } from './judged';
import { append, openChain } from '../../src/domain/audit';
import { parseDecision, type Decision } from '../../src/domain/gate/decision';
import {
  startExecuting,
  cancel as callOff,
  decide,
  openGate,
  refuse,
  type ApprovedGate,
  type Gate,
} from '../../src/domain/gate';
import { guard, isUndecodable } from '../../src/domain/json';
import { lost } from '../../src/domain/gate/levels';
import { packetOf } from '../../src/domain/packet';
import { Policy } from '../../src/domain/policy';
import { visible, visibleId, visibleJson } from '../../src/domain/visible';
import { faultIn } from '../support/chain';
import { SEED } from '../support/forged';
import {
  approve,
  ARGS,
  assessed,
  at,
  cancel,
  comment,
  DEADLINE,
  DIRECTORY,
  delegate,
  edit,
  HOUR,
  ladder,
  open,
  OPENED,
  openAmong,
  play,
  policy,
  proposal,
  reject,
  ROOT,
  signedBy,
  UNKNOWN_DIGEST,
  verifies,
  waitingAbove,
  withdraw,
  type Forged,
  type Said,
  PLACE,
} from './given';

const good = () => approve('ana')(open(), 1).decision;
const code = (gate: Gate, said: Said) => play(gate, [said]).answers[0];

describe('people and models', () => {
  it('the prompt lies about the action: what is shown is what is hashed, and the words stand apart', () => {
    const lie = {
      ...proposal({ order: 'A-4711', amount: 4_000 }),
      title: 'Refund 4 EUR',
      rationale: 'trust me',
    };
    const asked = { root: ROOT, ...PLACE, gate: 'main', requester: 'req', policy: policy(), by: 'AGENT' };
    const gate = openGate({ ...asked, proposal: lie, assessment: assessed(lie.args) }, OPENED);
    const honest = openGate(
      { ...asked, proposal: { ...lie, title: 'Refund 4,000 EUR' }, assessment: assessed(lie.args) },
      OPENED,
    );
    expect(packetOf(gate).proposal?.args).toEqual({ order: 'A-4711', amount: 4_000 });
    expect(gate.digest).toBe(honest.digest);
  });

  it('ANSI, bidi, zero-width, tag characters, look-alikes: made visible, in text, ids and JSON', () => {
    for (const hostile of ['\u001b[2J', '\u202e', '\u200b', '\u{e0041}', 'pаypal'])
      for (const shown of [visible(hostile), visibleId(hostile), visibleJson({ hostile })])
        expect(shown).toMatch(/‹U\+[0-9A-F]{4,6}›|\\u001b/);
  });

  it('look-alike VERIFY phrase: printable ASCII, character for character, never normalised', () => {
    const gate = open(policy({}, { confirmation: 'VERIFY', phrase: 'DELETE orders-eu' }));
    for (const phrase of [
      'DELETE\u00a0orders-eu',
      'ＤＥＬＥＴＥ orders-eu',
      'DELETE ordеrs-eu',
      'DELETE orders-eu\u200b',
    ])
      expect(code(gate, approve('ana', { phrase }))).toBe('PHRASE_MISMATCH');
    expect(Policy.safeParse({ ...policy(), phrase: 'DELETE\u00a0orders' }).success).toBe(false);
  });

  it('edit smuggling: unknown keys are refused, and an edit is a new revision with its own policy', () => {
    expect(
      parseDecision({ ...good(), verdict: 'edit', args: {}, policy: { confirmation: 'INFO' } }),
    ).toMatchObject({
      ok: false,
      problem: 'policy: unknown key',
    });
    const { decision } = edit('ana', 9)(open(), 1);
    const stricter = policy({ quorum: 2 });
    const gate = decide(open(), decision, OPENED, { policy: stricter, assessment: assessed({ amount: 9 }) });
    expect(gate).toMatchObject({ status: 'open', revision: 2, policy: stricter });
  });

  it('__proto__, depth, size: guarded before anything walks it', () => {
    const deep = (depth: number): unknown =>
      Array.from({ length: depth }).reduce<unknown>((inner) => [inner], 1);
    expect([
      guard(JSON.parse('{"__proto__":{"admin":true}}')),
      guard(deep(100_000)),
      guard(Array.from({ length: 2_001 }, () => 1)),
      guard('x'.repeat(256 * 1024 + 1)),
    ]).toEqual([
      'the payload has a key named __proto__',
      'the payload is nested more than 8 levels deep',
      'the payload has more than 2000 values',
      'the payload is larger than 256 KiB',
    ]);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

describe('authority: 40 forgeries and more, none of which executes anything', () => {
  const signed = policy(
    { approvers: { people: ['ana', 'bo', 'cy', 'dan', 'req'] } },
    { authentication: 'signed' },
  );
  const gate = () => openAmong(signed, { by: 'AGENT' });
  const by: Examiner = {
    reviewers: DIRECTORY,
    now: OPENED + HOUR,
    verifies: (where, decision) => verifies(DIRECTORY, where, decision),
    normal: (args) => args,
  };

  /** As a worker does it: admitted, verified, decided; and gone through again by the executor. */
  function executes(said: Said, at_ = gate()): boolean {
    const { decision, at: when } = said(at_, 1);
    if (!parseDecision(decision).ok || admit(at_, decision, when) !== undefined) return false;
    const found = { policy: at_.policy, assessment: assessed(decision.args ?? ARGS) };
    const next = decide(at_, decision, when, found);
    if (next.status !== 'approved') return false;
    const {
      root,
      gate: name,
      digest,
      revision,
      proposal: { args },
    } = next;
    return shortfall(evidenceOf(next), { root, gate: name, digest, revision, args }, by) === undefined;
  }

  it('a genuine one does', () => {
    expect([executes(signedBy(approve('ana'))), executes(signedBy(edit('bo', 9)))]).toEqual([true, true]);
    expect(executes(signedBy(approve('a.lee'), { secret: 'ana', key: 'ana-1' }))).toBe(true);
  });

  const forgeries: [string, (said: (who: string) => Said) => Said][] = [
    ['not signed', (said) => said('ana')],
    ["with another's key under her id", (said) => signedBy(said('ana'), { secret: 'bo' })],
    ["with another's key under its own id", (said) => signedBy(said('ana'), { secret: 'bo', key: 'bo-1' })],
    ['with a key that nobody has', (said) => signedBy(said('ana'), { secret: 'mallory', key: 'mallory-1' })],
    ['for another workflow', (said) => signedBy(said('ana'), { root: { ...ROOT, workflowId: 'other' } })],
    ['for another run', (said) => signedBy(said('ana'), { root: { ...ROOT, firstRunId: 'other' } })],
    ['for another level', (said) => signedBy(said('ana'), { level: 'MANAGER' })],
    ['that has expired', (said) => signedBy(said('ana'), { issued: OPENED - HOUR, expires: OPENED + 999 })],
    [
      'that expires as it comes',
      (said) => at(OPENED + 1_000, signedBy(said('ana'), { expires: OPENED + 1_000 })),
    ],
    ['that is issued in the future', (said) => signedBy(said('ana'), { issued: OPENED + HOUR / 2 })],
    [
      'that expires before it is issued',
      (said) => signedBy(said('ana'), { issued: OPENED + 5_000, expires: OPENED + 4_000 }),
    ],
    ['that is good for more than a day', (said) => signedBy(said('ana'), { expires: OPENED + 25 * HOUR })],
    ['with a comment put in', (said) => signedBy(said('ana'), { after: { comment: 'yes' } })],
    ['with another id', (said) => signedBy(said('ana'), { after: { id: 'other' } })],
    ["in another's name", (said) => signedBy(said('ana'), { after: { reviewer: 'bo' } })],
    ['of another digest', (said) => signedBy(said('ana'), { after: { digest: UNKNOWN_DIGEST } })],
    ["by the requester, with the requester's own key", (said) => signedBy(said('req'))],
    ['by the requester under an alias', (said) => signedBy(said('r.quest'), { secret: 'req', key: 'req-1' })],
    ["by the agent's owner", (said) => signedBy(said('dan'))],
    ['by somebody who is not asked', (said) => signedBy(said('eve'))],
    ['by nobody', (said) => signedBy(said('zed'), { secret: 'zed', key: 'zed-1' })],
    ['by *', (said) => signedBy(said('*'), { secret: 'ana', key: 'ana-1' })],
    ['after the deadline', (said) => at(DEADLINE, signedBy(said('ana'), { expires: DEADLINE + HOUR }))],
  ];
  const verdicts: [string, (who: string) => Said][] = [
    ['an approval', (who) => approve(who)],
    ['an edit', (who) => edit(who, 9)],
  ];
  const matrix = verdicts.flatMap(([what, said]) =>
    forgeries.map(([how, forge]) => [`${what} ${how}`, forge(said)] as const),
  );

  it('there are 40 and more', () => {
    expect(new Set(matrix.map(([name]) => name)).size).toBeGreaterThan(40);
  });

  it.each(matrix)('%s', (_, said) => {
    // Received where the row says so, else a second after the opening.
    expect(executes(said)).toBe(false);
  });

  it.each<[string, (value: string) => string]>([
    ['its first byte', (value) => (value.startsWith('A') ? 'B' : 'A') + value.slice(1)],
    ['its last byte', (value) => `${value.slice(0, 84)}${value[84] === 'A' ? 'B' : 'A'}${value.slice(85)}`],
    ['all of it', () => `${'A'.repeat(86)}==`],
    ['its length', (value) => value.slice(4)],
  ])('a signature with another value in %s', (_, change) => {
    const said: Said = (at_, nth) => {
      const sent = signedBy(approve('ana'))(at_, nth);
      const { signature } = sent.decision;
      return {
        ...sent,
        decision: { ...sent.decision, signature: { ...signature!, value: change(signature!.value) } },
      };
    };
    expect(executes(said)).toBe(false);
  });

  it('one person counts once; not the requester, not the agent’s owner, not at two levels', () => {
    const under = ladder({}, { quorum: 2 }, { approvers: { people: ['ana', 'mia'] } });
    const above = waitingAbove(under, [approve('ana', { id: 'a' })]);
    expect(above.before).toEqual(['ana']);
    expect(
      play(open(policy({ quorum: 2 })), [approve('ana'), approve('ana'), approve('req')]).answers,
    ).toEqual(['admitted', 'ALREADY_SIGNED', 'REQUESTER_CANNOT_DECIDE']);
  });

  it('in open mode names are believed, and each decision is marked as unauthenticated', () => {
    expect(play(open(), [approve('ana')]).gate.signatures).toMatchObject([{ authentication: 'open' }]);
    expect(packetOf(open()).authentication).toBe('open');
    expect(packetOf(gate()).authentication).toBe('signed');
  });

  it('the executor verifies again: withdrawal and cancellation', () => {
    const under: Policy = { ...signed, levels: policy({ quorum: 2 }).levels };
    const { gate: next } = play(openAmong(under), [
      signedBy(approve('ana')),
      signedBy(withdraw('ana')),
      signedBy(approve('bo')),
    ]);
    expect(next).toMatchObject({ status: 'open', signatures: [{ reviewer: 'bo' }] });
    const off = play(openAmong(signed), [signedBy(approve('ana')), signedBy(cancel('req'))]).gate;
    expect(off).toMatchObject({ status: 'closed', outcome: 'cancelled' });
  });

  it('a delegate signs with the own key, and for the delegator, who has signed for that', () => {
    const key: Forged = { secret: 'ana', key: 'ana-1' };
    const two: Policy = { ...signed, levels: policy({ approvers: { people: ['ana', 'bo'] } }).levels };
    const played = (forged: Forged) =>
      play(openAmong(two), [signedBy(delegate('ana', 'eve')), signedBy(approve('eve'), forged)]);
    expect(played({}).gate.status).toBe('approved');
    expect(played(key).answers).toEqual(['admitted', 'UNKNOWN_KEY']);
  });
});

describe('faults', () => {
  it('undecodable: told apart, with no word of its bytes but the encoding', () => {
    const undecodable = { __undecodable: true, encoding: 'binary/encrypted', bytes: 12 };
    expect(isUndecodable(undecodable)).toBe(true);
    expect(parseDecision(undecodable)).toEqual({
      ok: false,
      problem: 'the payload does not decode (encoding binary/encrypted)',
    });
  });

  it.each<[string, Said, string]>([
    ['stale', approve('ana', { digest: UNKNOWN_DIGEST }), 'STALE_REVISION'],
    ['late', at(DEADLINE, approve('ana')), 'DEADLINE_PASSED'],
    ['forged', approve('mallory'), 'NOT_AN_APPROVER'],
    ['misfit', approve('ana', { args: {} }), 'UNEXPECTED_FIELD'],
  ])('%s, 10,000 times: refused each time, and a genuine decision still lands', (_, said, expected) => {
    let gate = open();
    const { decision, at: when } = said(gate, 1);
    for (let nth = 0; nth < 10_000; nth += 1) {
      const sent: Decision = { ...decision, id: nth < 600 ? `f${String(nth)}` : 'f599' };
      const refused = admit(gate, sent, when)!;
      if (nth === 0 || nth === 9_999) expect(refused.code).toBe(expected);
      gate = refuse(gate, sent, refused);
    }
    expect([gate.refusals, gate.answered.length]).toEqual([10_000, 500]);
    expect(play(gate, [approve('ana', { id: 'genuine' })]).gate.status).toBe('approved');
  });

  it('repeated: the first receipt again, and nothing changes', () => {
    const said = comment('ana', { id: 'c' });
    const { gate, answers } = play(open(), [said, said, said]);
    expect([answers, gate.decisions.length]).toEqual([['admitted', 'admitted', 'admitted'], 1]);
  });

  it("a level's child terminated or failed: never an approval", () => {
    expect(lost(waitingAbove(), 'was terminated', DEADLINE)).toMatchObject({
      status: 'closed',
      outcome: 'failed',
    });
  });

  it('cancelled before it executes: void; once it executes: too late', () => {
    const approved = play(open(), [approve('ana')]).gate as ApprovedGate;
    expect(callOff(approved, 'off')).toMatchObject({ outcome: 'cancelled' });
    expect(callOff(startExecuting(approved), 'off')).toEqual(startExecuting(approved));
    expect(code(startExecuting(approved), cancel('req', { id: 'c' }))).toBe('GATE_CLOSED');
  });

  it('a rejection and an approval at once: one outcome', () => {
    expect(play(open(), [reject('bo'), approve('ana')]).answers).toEqual(['admitted', 'GATE_CLOSED']);
  });

  it('the record was tampered with: found', () => {
    const chain = append(
      append(openChain(ROOT, SEED), { type: 'closed', outcome: 'executed' }, 'x'),
      { type: 'closed', outcome: 'failed' },
      'y',
    );
    const [one, two] = chain.pending;
    expect(faultIn(ROOT, [one!, { ...two!, text: two!.text.replace('failed', 'executed') }])).toMatchObject({
      code: 'CHANGED',
      seq: 2,
    });
  });
});
