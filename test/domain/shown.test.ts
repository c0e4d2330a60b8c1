/** What is shown has one hash: made anew by whoever reads the packet, named by decisions, kept by the record, and refused where it is another. */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { admit } from '../../src/domain/gate/admit';
import { parseDecision } from '../../src/domain/gate/decision';
import {
  startExecuting,
  openGate,
  closeAfterApproval,
  type ApprovedGate,
  type Asked,
  type Gate,
} from '../../src/domain/gate';
import { shownBy } from '../../src/domain/gate/shown';
import { openLevel } from '../../src/domain/gate/levels';
import { packetOf, shownOfPacket, type Packet } from '../../src/domain/packet';
import { shownHash } from '../../src/domain/gate/shown-hash';
import { transitions } from '../../src/domain/transitions';
import {
  approve,
  ARGS,
  assessed,
  at,
  cancel,
  comment,
  DEADLINE,
  edit,
  OPENED,
  openAmong,
  play,
  PLACE,
  policy,
  proposal,
  revise,
  ROOT,
  signedBy,
  waitingAbove,
  type Said,
} from './given';

const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
const PLAN = {
  onReject: 'undo' as const,
  at: 0,
  steps: [{ name: 'refund', about: 'Refund order A-4711' }],
};
const WHOLE: Partial<Asked> = {
  callback: 'https://orders.example/done',
  requesterProof: 'signed',
  by: 'AGENT (rules)',
  assessment: { ...assessed(ARGS), preview: { rows: 1 } },
  setUp: { undo: { action: 'charge', args: { amount: 40 } }, plan: PLAN },
  policy: policy({ quorum: 2 }, { confirmation: 'VERIFY', phrase: 'REFUND it' }),
};

function asked(change: Partial<Asked> = {}): Asked {
  return {
    root: ROOT,
    ...PLACE,
    gate: 'main',
    requester: 'req',
    proposal: proposal(),
    policy: policy(),
    assessment: assessed(ARGS),
    by: 'req',
    ...change,
  };
}
const opened = (change: Partial<Asked> = {}): Gate => openGate(asked(change), OPENED);
/** As a reader in another language makes it, of a packet that came over the wire. */
function anew(packet: Packet): string {
  const read = JSON.parse(JSON.stringify(packet)) as unknown as Record<string, unknown>;
  const names =
    'proposal requester requesterProof by policy level phrase risk preview undo plan callback'.split(' ');
  const there = names.flatMap((name) => (name in read ? [[name, read[name]]] : []));
  return sha256(canonicalize({ v: 1, ...Object.fromEntries(there) } as object)!);
}

describe('the hash of what is shown', () => {
  it('is this one, for good', () => {
    const { policy: under, proposal: what } = asked();
    const text = canonicalize({
      ...{ v: 1, proposal: what, requester: 'req', requesterProof: 'claimed', by: 'req' },
      ...{ policy: under, level: 'HUMAN', risk: 'low' },
    })!;
    const shown = {
      ...{ proposal: what, requester: 'req', requesterProof: 'claimed' as const, by: 'req' },
      ...{ policy: under, level: 'HUMAN', risk: 'low' as const, phrase: undefined },
    };
    expect(shownHash(shown)).toBe(sha256(text));
  });

  it.each<[string, Gate]>([
    ['with nothing but what every gate has', opened()],
    ['with all there is', opened(WHOLE)],
    ['with a preview of nothing', opened({ assessment: { ...assessed(ARGS), preview: null } })],
    ['after an edit', play(opened(WHOLE), [edit('ana', 7, { phrase: 'REFUND it' })]).gate],
    ['of a level', openLevel(waitingAbove(), DEADLINE)],
    [
      'of what nobody proposed, at VERIFY',
      opened({ ...WHOLE, failure: { code: 'AGENT_FAILED', message: 'no' } }),
    ],
  ])('is made anew from the packet: %s', (_, gate) => {
    const packet = packetOf(gate);
    expect(packet.status).toBe('open');
    expect(packet.shown).toBe(anew(packet));
    expect(shownOfPacket(JSON.parse(JSON.stringify(packet)) as Packet)).toBe(packet.shown);
  });

  it.each<[string, Partial<Packet>]>([
    ['another title', { proposal: { ...proposal(), title: 'Refund 4 EUR' } }],
    ['another rationale', { proposal: { ...proposal(), rationale: 'trust me' } }],
    ['another confidence', { proposal: { ...proposal(), confidence: 1 } }],
    ['more evidence', { proposal: { ...proposal(), evidence: [{ label: 'a', value: 'b' }] } }],
    ['another requester', { requester: 'svc' }],
    ['another proof of the requester', { requesterProof: 'vouched' }],
    ['another proposer', { by: 'ana' }],
    ['another policy', { policy: policy({ quorum: 2 }) }],
    ['another level', { level: 'MANAGER' }],
    ['another phrase', { phrase: 'DELETE it' }],
    ['another risk', { risk: 'low' }],
    ['another preview', { preview: { rows: 2 } }],
    ['another undo', { undo: { action: 'charge', args: { amount: 41 } } }],
    ['another plan', { plan: { ...PLAN, onReject: 'skip' } }],
    ['another callback', { callback: 'https://evil.example' }],
  ])('is another with %s', (_, change) => {
    const packet = packetOf(opened(WHOLE));
    const [name] = Object.keys(change) as (keyof Packet)[];
    const without = { ...packet, [name!]: undefined };
    expect(shownOfPacket({ ...packet, ...change })).not.toBe(packet.shown);
    // Where it is left out, either it has another hash or none at all.
    expect(shownOfPacket(without)).not.toBe(packet.shown);
  });

  it('stays while people say things, and while the deadline moves', () => {
    const gate = opened({ policy: policy({ quorum: 3, rejections: 2 }) });
    const later = play(gate, [approve('ana'), comment('bo')]).gate;
    expect(packetOf(later).shown).toBe(packetOf(gate).shown);
  });

  it('is there while people are asked, where they decide, and nowhere else', () => {
    const approved = play(opened(), [approve('ana')]).gate as ApprovedGate;
    const elsewhere: Gate[] = [
      waitingAbove(),
      approved,
      startExecuting(approved),
      closeAfterApproval(startExecuting(approved), 'executed'),
      play(opened(), [revise('ana')]).gate,
      opened({ policy: policy({}, { confirmation: 'INFO' }) }),
    ];
    for (const gate of elsewhere) expect(packetOf(gate)).not.toHaveProperty('shown');
  });

  it('stands on record as it was shown: at the opening, at each revision, and at a level', () => {
    const gate = opened(WHOLE);
    const edited = play(gate, [edit('ana', 7, { phrase: 'REFUND it' })]).gate;
    const waiting = waitingAbove();
    const level = openLevel(waiting, DEADLINE);
    const facts = [
      ...transitions(undefined, gate),
      ...transitions(gate, edited),
      ...transitions(undefined, level),
    ];
    const kept = facts.flatMap((fact) => ('shown' in fact ? [[fact.type, fact.shown]] : []));
    expect(kept).toEqual([
      ['opened', packetOf(gate).shown],
      ['revised', packetOf(edited).shown],
      ['opened', packetOf(level).shown],
    ]);
    expect(packetOf(edited).shown).not.toBe(packetOf(gate).shown);
    // The owner, which waits, has on record what its level shows.
    expect(shownBy(waiting)).toBe(packetOf(level).shown);
  });
});

describe('a decision names it', () => {
  const OTHER = 'e'.repeat(64);
  const naming = (shown: string | undefined, said: Said): Said => {
    return (gate, nth) => {
      const sent = said(gate, nth);
      const { shown: _, ...decision } = sent.decision;
      return { ...sent, decision: shown === undefined ? decision : { ...decision, shown } };
    };
  };
  const code = (gate: Gate, said: Said) => play(gate, [said]).answers[0];
  const under = (authentication: 'open' | 'vouched' | 'signed') =>
    openAmong(policy({ approvers: { people: ['ana', 'bo'] } }, { authentication }), { by: 'AGENT' });

  it.each([
    { mode: 'open' as const, shown: 'none', code: 'admitted' },
    { mode: 'open' as const, shown: 'its own', code: 'admitted' },
    { mode: 'open' as const, shown: 'another', code: 'SHOWN_OTHERWISE' },
    { mode: 'vouched' as const, shown: 'none', code: 'SHOWN_OTHERWISE' },
    { mode: 'vouched' as const, shown: 'its own', code: 'admitted' },
    { mode: 'vouched' as const, shown: 'another', code: 'SHOWN_OTHERWISE' },
    { mode: 'signed' as const, shown: 'none', code: 'SHOWN_OTHERWISE' },
    { mode: 'signed' as const, shown: 'its own', code: 'admitted' },
    { mode: 'signed' as const, shown: 'another', code: 'SHOWN_OTHERWISE' },
  ])('$mode, and $shown is named: $code', ({ mode, shown, code: answer }) => {
    const gate = under(mode);
    const named = { none: undefined, 'its own': packetOf(gate).shown, another: OTHER }[shown];
    expect(code(gate, signedBy(naming(named, approve('ana'))))).toBe(answer);
  });

  it('while nothing is shown none has to be named, and another one is refused', () => {
    const approved = play(under('signed'), [signedBy(approve('ana'))]).gate;
    const own = shownBy(approved);
    expect(approved.status).toBe('approved');
    expect(code(approved, signedBy(naming(undefined, cancel('req', { id: 'off' }))))).toBe('admitted');
    expect(code(approved, signedBy(naming(own, cancel('req', { id: 'off' }))))).toBe('admitted');
    expect(code(approved, signedBy(naming(OTHER, cancel('req', { id: 'off' }))))).toBe('SHOWN_OTHERWISE');
  });

  it("one question under another title: the digest is the same, and a decision on the other's is refused", () => {
    const honest = opened();
    const lying = opened({ proposal: { ...proposal(), title: 'Refund 4 EUR' } });
    expect(lying.digest).toBe(honest.digest);
    const { decision, at: when } = naming(packetOf(lying).shown, approve('ana'))(lying, 1);
    expect(admit(honest, decision, when)?.code).toBe('SHOWN_OTHERWISE');
    expect(admit(lying, decision, when)).toBeUndefined();
  });

  it('an edit names what was shown of the digest that it was made on', () => {
    const gate = under('signed');
    const { shown } = packetOf(gate);
    const edited = play(gate, [signedBy(naming(shown, edit('ana', 7)))]);
    expect(edited.answers).toEqual(['admitted']);
    expect(edited.gate.decisions[0]).toMatchObject({ shown, digest: gate.digest });
    expect(shownBy(edited.gate)).not.toBe(shown);
  });

  it('under the same id, with another one, it is another decision', () => {
    const gate = opened({ policy: policy({ quorum: 2 }) });
    const first = approve('ana', { id: 'same' });
    const again = naming(packetOf(gate).shown, approve('ana', { id: 'same' }));
    expect(play(gate, [first, first, again]).answers).toEqual(['admitted', 'admitted', 'ID_REUSED']);
  });

  it('at a level it is that level’s, and not its owner’s first one’s', () => {
    const level = openLevel(waitingAbove(), DEADLINE);
    const first = openAmong(level.policy, { policy: level.policy });
    expect(code(level, at(DEADLINE, naming(packetOf(first).shown, approve('mia'))))).toBe('SHOWN_OTHERWISE');
    expect(code(level, at(DEADLINE, naming(packetOf(level).shown, approve('mia'))))).toBe('admitted');
  });
});

test('what is no hash is no decision', () => {
  const decision = {
    v: 1,
    id: 'd',
    digest: 'a'.repeat(64),
    shown: 'SHA',
    verdict: 'approve',
    reviewer: 'ana',
  };
  expect(parseDecision(decision)).toMatchObject({ problem: 'shown: must be 64 lower-case hex characters' });
});
