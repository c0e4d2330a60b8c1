/** Every kind of tampering, at every place, is found, and where. What is said of it, word for word, is in verification.test.ts. */
import {
  append,
  GENESIS,
  openChain,
  recorded,
  seeded,
  type AuditEntry,
  type Chain,
  type Fact,
} from '../../src/domain/audit';
import { canonical, sha256Hex } from '../../src/domain/digest';
import { parsed, saltOf } from '../../src/domain/entry';
import { DEFAULT_POLICY } from '../../src/domain/policy';
import { checkChain, type Fault } from '../../src/domain/chain';
import { faultIn } from '../support/chain';
import { rehashed, retold, SEED } from '../support/forged';
import { HOUR, OPENED, ROOT, proposal } from './given';

const DIGEST = 'a'.repeat(64);
const instant = (nth: number) => new Date(OPENED + nth * HOUR).toISOString();

const FACTS: readonly Fact[] = [
  { type: 'proposed', by: 'offline', requester: 'req', task: 'refund it', proposal: proposal() },
  {
    type: 'opened',
    gate: 'main',
    revision: 1,
    digest: DIGEST,
    policy: DEFAULT_POLICY,
    level: 'HUMAN',
    deadline: instant(24),
    shown: DIGEST,
  },
  {
    type: 'decided',
    level: 'HUMAN',
    gate: 'main',
    revision: 1,
    decision: { v: 1, id: 'd1', digest: DIGEST, verdict: 'approve', reviewer: 'ana' },
    via: 'signal',
    authentication: 'open',
  },
  { type: 'refused', gate: 'main', id: 'd2', via: 'update', code: 'GATE_CLOSED', message: 'closed' },
  { type: 'repeated', gate: 'main', id: 'd1', via: 'signal' },
  { type: 'unknown-signal', gate: 'main', name: 'aprove' },
  { type: 'refusals-counted', gate: 'main', count: 12 },
  {
    type: 'approved',
    gate: 'main',
    revision: 1,
    digest: DIGEST,
    level: 'HUMAN',
    signers: ['ana'],
    action: 'refund',
    key: DIGEST,
    basis: 'signatures',
    evidence: DIGEST,
  },
  { type: 'executed', gate: 'main', key: DIGEST, result: DIGEST, receipt: 'none' },
  { type: 'closed', outcome: 'executed' },
];

function chainOf(length: number, root = ROOT): Chain {
  let chain = openChain(root, SEED);
  for (let nth = 0; nth < length; nth++) chain = append(chain, FACTS[nth % FACTS.length]!, instant(nth));
  return chain;
}

const LENGTH = 60;
const CHAIN = chainOf(LENGTH);
const HONEST = CHAIN.pending;
const EXPECTED = { entries: CHAIN.seq, head: CHAIN.head };
const places = HONEST.map((_, index) => index);

/** Another text at a place, with its own right hash, and everything after it chained anew. */
function rewritten(from: number, text: (text: string) => string, entries = HONEST): AuditEntry[] {
  let prev = from === 0 ? GENESIS : entries[from - 1]!.hash;
  return entries.map((entry, index) => {
    if (index < from) return entry;
    const next = canonical({ ...parsed(index === from ? text(entry.text) : entry.text), seq: index + 1 });
    const made = retold(ROOT, { ...entry, seq: index + 1, prev }, next);
    prev = made.hash;
    return made;
  });
}

const forge = (text: string) => text.replace('"v":1', '"note":"nothing to see","v":1');
const replaced = (at: number, entry: AuditEntry) => HONEST.map((one, index) => (index === at ? entry : one));

describe('the chain', () => {
  it('holds: each entry is numbered, and holds the hash of the one before', () => {
    expect(faultIn(ROOT, HONEST, EXPECTED)).toBeUndefined();
    expect(HONEST.map(({ seq }) => seq)).toEqual(places.map((index) => index + 1));
    expect(HONEST.map(({ prev }) => prev)).toEqual([GENESIS, ...HONEST.slice(0, -1).map(({ hash }) => hash)]);
    expect(CHAIN.head).toBe(HONEST.at(-1)!.hash);
  });

  it('an entry is the canonical text of the fact, with a salt, where and when; its hash covers that of the text', () => {
    const [entry] = append(openChain(ROOT, SEED), FACTS[9]!, instant(0)).pending;
    const salt = sha256Hex(`["${SEED}",1]`).slice(0, 32);
    const text = `{"at":"2026-03-02T09:00:00.000Z","firstRunId":"run-1","outcome":"executed","salt":"${salt}","seq":1,"type":"closed","v":1,"workflowId":"refund-4711"}`;
    const commit = sha256Hex(text);
    const meta = { type: 'closed', at: '2026-03-02T09:00:00.000Z' };
    expect(entry).toStrictEqual({
      ...{ seq: 1, prev: GENESIS, meta, commit, text },
      hash: sha256Hex(
        `["refund-4711","run-1",1,"${GENESIS}",{"at":"2026-03-02T09:00:00.000Z","type":"closed"},"${commit}"]`,
      ),
    });
  });

  it('each entry has a salt of its own, and another seed makes others', () => {
    const salts = HONEST.map(({ text }) => parsed(text)['salt']);
    expect(new Set([...salts, saltOf('f'.repeat(32), 1)]).size).toBe(LENGTH + 1);
    expect(salts.every((salt) => /^[0-9a-f]{32}$/.test(String(salt)))).toBe(true);
  });

  it('facts that are noted before there is a seed are hashed once there is one, as if it had been there', () => {
    let chain = openChain(ROOT);
    for (let nth = 0; nth < 3; nth++) chain = append(chain, FACTS[nth]!, instant(nth));
    expect(chain).toMatchObject({ seq: 0, head: GENESIS, pending: [] });
    expect(chain.noted).toHaveLength(3);
    expect(seeded(chain, SEED)).toStrictEqual(chainOf(3));
    expect(append(seeded(chain, SEED), FACTS[3]!, instant(3))).toStrictEqual(chainOf(4));
  });

  it('the first seed is the chain’s for good', () => {
    expect(seeded(CHAIN, 'f'.repeat(32))).toBe(CHAIN);
  });

  it('whose texts are erased still holds, and nothing else may be changed in it then', () => {
    const erased = HONEST.map(({ text: _, ...entry }) => entry);
    expect(faultIn(ROOT, erased, EXPECTED)).toBeUndefined();
    for (const index of places) {
      const [one] = erased.slice(index);
      const changes = [
        { ...one!, meta: { ...one!.meta, type: 'notified' } },
        { ...one!, meta: { ...one!.meta, at: instant(99) } },
        { ...one!, commit: DIGEST },
      ];
      for (const change of changes) {
        const rows = erased.map((entry, nth) => (nth === index ? change : entry));
        expect(faultIn(ROOT, rows, EXPECTED)).toMatchObject({ code: 'CHANGED', seq: index + 1 });
      }
    }
  });

  it('starts empty, and an empty one holds', () => {
    expect(GENESIS).toBe('0000000000000000000000000000000000000000000000000000000000000000');
    expect(openChain(ROOT)).toEqual({ root: ROOT, seq: 0, head: GENESIS, pending: [] });
    expect(faultIn(ROOT, [])).toBeUndefined();
  });

  it('goes on after the store has taken a part: only what is pending changes', () => {
    const part = recorded(CHAIN, 40);
    expect({ ...part, pending: part.pending.length }).toEqual({ ...CHAIN, pending: 20 });
    expect(part.pending[0]!.seq).toBe(41);
    const on = append(recorded(CHAIN, LENGTH), FACTS[9]!, instant(LENGTH));
    expect(on.pending.map(({ seq, prev }) => ({ seq, prev }))).toEqual([{ seq: 61, prev: CHAIN.head }]);
    expect(faultIn(ROOT, [...HONEST, ...on.pending], { entries: 61, head: on.head })).toBeUndefined();
  });

  it('leaves what it was given untouched', () => {
    const chain = chainOf(3);
    const before = JSON.stringify(chain);
    append(chain, FACTS[0]!, instant(9));
    recorded(chain, 2);
    expect(JSON.stringify(chain)).toBe(before);
  });

  it('another workflow, another first run, another instant: another head', () => {
    const heads = [
      chainOf(3).head,
      chainOf(3, { ...ROOT, workflowId: 'other' }).head,
      chainOf(3, { ...ROOT, firstRunId: 'run-2' }).head,
      append(openChain(ROOT, SEED), FACTS[0]!, instant(0)).head,
      append(openChain(ROOT, SEED), FACTS[0]!, instant(1)).head,
    ];
    expect(new Set(heads).size).toBe(heads.length);
  });
});

type Tampering = readonly [kind: string, at: (index: number) => AuditEntry[], code: Fault['code']];

/** Each at every place but the last, which has its own table: there the head of the result is what shows it. */
const TAMPERINGS: readonly Tampering[] = [
  ['edit a text', (at) => replaced(at, { ...HONEST[at]!, text: forge(HONEST[at]!.text) }), 'CHANGED'],
  [
    'edit a text and its hash',
    (at) => replaced(at, retold(ROOT, HONEST[at]!, forge(HONEST[at]!.text))),
    'CHANGED',
  ],
  ['edit the hash of a text', (at) => replaced(at, { ...HONEST[at]!, commit: DIGEST }), 'CHANGED'],
  [
    'edit a type, and the hash',
    (at) => replaced(at, rehashed(ROOT, { ...HONEST[at]!, meta: { ...HONEST[at]!.meta, type: 'warned' } })),
    'CHANGED',
  ],
  [
    'edit a time, and the hash',
    (at) => replaced(at, rehashed(ROOT, { ...HONEST[at]!, meta: { ...HONEST[at]!.meta, at: instant(99) } })),
    'CHANGED',
  ],
  [
    'take the salt out of a text, with its hashes',
    (at) => replaced(at, retold(ROOT, HONEST[at]!, HONEST[at]!.text.replace(/"salt":"\w+",/, ''))),
    'CHANGED',
  ],
  ['edit a hash', (at) => replaced(at, { ...HONEST[at]!, hash: DIGEST }), 'CHANGED'],
  ['edit the hash before it', (at) => replaced(at, { ...HONEST[at]!, prev: DIGEST }), 'CHANGED'],
  ['edit a number', (at) => replaced(at, { ...HONEST[at]!, seq: 99 }), 'MISSING'],
  [
    'write another number into a text, and its hash',
    (at) =>
      replaced(at, retold(ROOT, HONEST[at]!, HONEST[at]!.text.replace(`"seq":${at + 1},`, '"seq":99,'))),
    'MISPLACED',
  ],
  [
    'write a text that is no JSON, and its hash',
    (at) => replaced(at, retold(ROOT, HONEST[at]!, 'not JSON')),
    'MISPLACED',
  ],
  ['write null, and its hash', (at) => replaced(at, retold(ROOT, HONEST[at]!, 'null')), 'MISPLACED'],
  ['edit a text and chain all after it anew', (at) => rewritten(at, forge), 'CHANGED'],
  ['delete', (at) => HONEST.filter((_, index) => index !== at), 'MISSING'],
  [
    'delete and number all after it anew',
    (at) => HONEST.filter((_, index) => index !== at).map((entry, index) => ({ ...entry, seq: index + 1 })),
    'MISPLACED',
  ],
  [
    'delete and chain all after it anew',
    (at) =>
      rewritten(
        at,
        (text) => text,
        HONEST.filter((_, index) => index !== at),
      ),
    'MISSING',
  ],
  [
    'insert a forged entry and chain all after it anew',
    (at) => rewritten(at, (text) => text, [...HONEST.slice(0, at), HONEST[at]!, ...HONEST.slice(at)]),
    'CHANGED',
  ],
  ['duplicate', (at) => [...HONEST.slice(0, at + 1), ...HONEST.slice(at)], 'TWICE'],
  [
    'swap the texts of two neighbours, numbers kept',
    (at) =>
      HONEST.map((entry, index) => {
        const other = index === at ? HONEST[at + 1]! : index === at + 1 ? HONEST[at]! : entry;
        return { ...entry, text: other.text, commit: other.commit, hash: other.hash };
      }),
    'MISPLACED',
  ],
  [
    'swap in the same place of another workflow',
    (at) => replaced(at, chainOf(LENGTH, { ...ROOT, workflowId: 'other' }).pending[at]!),
    'MISPLACED',
  ],
  ['cut the tail', (at) => HONEST.slice(0, at), 'MISSING'],
  [
    'roll back: an older state, and another way on from there',
    (at) => {
      let chain: Chain = { ...CHAIN, seq: at, head: HONEST[at]!.prev, pending: [] };
      for (let nth = at; nth < LENGTH; nth++)
        chain = append(chain, FACTS[nth % FACTS.length]!, instant(nth + 100));
      return [...HONEST.slice(0, at), ...chain.pending];
    },
    'CHANGED',
  ],
];

const done = (kind: string, at: number) => TAMPERINGS.find(([one]) => one === kind)![1](at);

/**
 * Whether it is told of that entry: within a span, or by the one that no longer follows it. Of one that was taken out of a chain made
 * anew, the result alone shows no more than that there is one too few.
 */
const tells = ({ code, seq, upTo = seq }: Fault, number: number) =>
  (seq <= number + 1 && upTo >= number) || (code === 'MISSING' && seq === LENGTH);

describe('tampering is found, with its place', () => {
  it.each(TAMPERINGS)('%s, at each of 59 places', (_, at, code) => {
    for (const index of places.slice(0, -1)) {
      const fault = faultIn(ROOT, at(index), EXPECTED);
      expect({ index, code: fault?.code }).toEqual({ index, code });
      expect({ index, told: tells(fault as Fault, index + 1) }).toEqual({ index, told: true });
    }
  });

  it.each<[string, AuditEntry[], Partial<Fault>]>([
    ['edit its text', done('edit a text', 59), { code: 'CHANGED', seq: 60 }],
    [
      'edit its text and its hash',
      done('edit a text and its hash', 59),
      { code: 'CHANGED', seq: 1, upTo: 60 },
    ],
    ['delete it', done('delete', 59), { code: 'MISSING', seq: 60 }],
    ['duplicate it', done('duplicate', 59), { code: 'TWICE', seq: 60 }],
    [
      'append a forged one',
      [...HONEST, ...append(recorded(CHAIN, 60), FACTS[2]!, instant(0)).pending],
      { code: 'BEYOND_END', seq: 61 },
    ],
    ['take everything away', [], { code: 'MISSING', seq: 1, upTo: 60 }],
    [
      "another workflow's whole chain",
      [...chainOf(60, { ...ROOT, workflowId: 'other' }).pending],
      { code: 'MISPLACED', seq: 1 },
    ],
  ])('the last entry: %s', (_, entries, fault) => {
    expect(faultIn(ROOT, entries, EXPECTED)).toMatchObject(fault);
  });

  it('an entry that is put behind another follows none that is there', () => {
    const moved = (at: number) => replaced(at, rehashed(ROOT, { ...HONEST[at]!, prev: DIGEST }));
    expect(faultIn(ROOT, moved(0), EXPECTED)).toMatchObject({ code: 'MISPLACED', seq: 1 });
    for (const at of places.slice(1, -1))
      expect(faultIn(ROOT, moved(at), EXPECTED)).toMatchObject({ code: 'UNLINKED', seq: at + 1 });
    expect(faultIn(ROOT, moved(59), EXPECTED)).toMatchObject({ code: 'CHANGED', seq: 1, upTo: 60 });
  });

  it('a forged entry put in beside another is a branch, which nobody vouches for', () => {
    for (const index of places) {
      const before = { ...CHAIN, seq: index, head: HONEST[index]!.prev, pending: [] };
      const { pending } = append(before, FACTS[2]!, instant(0));
      const rows = [...HONEST.slice(0, index), ...pending, ...HONEST.slice(index)];
      const { faults, unvouched, branches } = checkChain(
        ROOT,
        rows.map((row) => ({ ...ROOT, ...row })),
        [{ seq: CHAIN.seq, hash: CHAIN.head, by: 'a checkpoint' }],
      );
      expect({ faults, unvouched, branches }).toEqual({
        faults: [],
        unvouched: [{ ...ROOT, seq: index + 1, entries: 1 }],
        branches: 1,
      });
    }
  });

  it('without the head of the result, only a cut or a chain made anew goes unseen, which is why the result has it', () => {
    expect(faultIn(ROOT, HONEST.slice(0, 10))).toBeUndefined();
    expect(faultIn(ROOT, rewritten(10, forge))).toBeUndefined();
    expect(faultIn(ROOT, rewritten(10, forge), EXPECTED)).toMatchObject({ code: 'CHANGED' });
  });

  it('the first fault is the one that is told', () => {
    const twice = HONEST.map((entry, index) =>
      index === 20 || index === 40 ? { ...entry, hash: DIGEST } : entry,
    );
    expect(faultIn(ROOT, twice, EXPECTED)).toMatchObject({ code: 'CHANGED', seq: 21 });
  });

  it('any single character of any text', () => {
    let found = 0;
    const texts = HONEST.slice(0, 10);
    for (const [index, one] of texts.entries()) {
      for (let at = 0; at < one.text.length; at += 7) {
        const text = `${one.text.slice(0, at)}${one.text[at] === 'x' ? 'y' : 'x'}${one.text.slice(at + 1)}`;
        const { code, seq } = faultIn(ROOT, replaced(index, { ...one, text })) ?? {};
        if (code === 'CHANGED' && seq === index + 1) found += 1;
      }
    }
    expect(found).toBe(texts.reduce((sum, { text }) => sum + Math.ceil(text.length / 7), 0));
  });
});
