/** The record at random: an honest one is never refused, however it forks, and the hash over heads is the one of the design. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { append, openChain, type Chain } from '../../src/domain/audit';
import { openCheckpointFile } from '../../src/domain/checkpoint';
import { canonical, sha256Hex } from '../../src/domain/digest';
import { openHeads, type Said } from '../../src/domain/heads';
import { checkChain, type Row } from '../../src/domain/chain';
import type { Witness } from '../../src/domain/vouching';
import { SEED } from '../support/forged';
import { HOUR, OPENED, ROOT } from './given';

const HASH = (letter: string) => letter.repeat(64);

describe('the hash over the heads', () => {
  const sha = (...parts: (string | Buffer)[]) => {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  /** As docs/design/0005 says it, and not as we do it. */
  function root(heads: readonly Said[]): string {
    const last = new Map(heads.map((head) => [canonical(head.slice(0, 2)), head]));
    const leaves = [...last].map(([chain, head]) => ({
      bits: [...sha(chain)].map((byte) => byte.toString(2).padStart(8, '0')).join(''),
      hash: sha(Buffer.of(0), canonical(head.slice(0, 4))),
    }));
    const tree = (some: typeof leaves, bit: number): Buffer => {
      if (some.length === 0) return Buffer.alloc(32);
      if (some.length === 1) return some[0]!.hash;
      const [left, right] = ['0', '1'].map((side) => some.filter(({ bits }) => bits[bit] === side));
      return sha(Buffer.of(1), tree(left!, bit + 1), tree(right!, bit + 1));
    };
    return tree(leaves, 0).toString('hex');
  }

  const head = fc.tuple(
    fc.constantFrom(...Array.from({ length: 40 }, (_, nth) => `workflow-${nth}`), 'ü\u2028'),
    fc.constantFrom('run-1', 'run-2'),
    fc.nat(9).map((seq) => seq + 1),
    fc.constantFrom(HASH('a'), HASH('b')),
    fc.constant(0),
  );

  it('is the one of the design, after each of any heads', () => {
    fc.assert(
      fc.property(fc.array(head, { maxLength: 60 }), (all) => {
        const heads = openHeads();
        all.forEach((one, nth) => {
          heads.say(one);
          if (nth % 7 === 0) expect(heads.root()).toBe(root(all.slice(0, nth + 1)));
        });
        expect(heads.root()).toBe(root(all));
        const last = new Map(all.map((one) => [`${one[0]} ${one[1]}`, one]));
        expect(heads.chains()).toBe(last.size);
        expect(heads.entries()).toBe([...last.values()].reduce((sum, [, , seq]) => sum + seq, 0));
      }),
    );
  });
});

it('any character of any line of checkpoints is missed', () => {
  const sign = (text: string) => sha256Hex(`signed ${text}`);
  const check = (_: string, text: string, signature: string) => signature === sign(text);
  const writing = openCheckpointFile(check);
  const lines = (['start', 'stored', 'stop'] as const).map((kind) =>
    writing.next({
      kind,
      changed: kind === 'stored' ? [['a', 'run', 3, HASH('a'), 0]] : [],
      at: '2026-03-02T09:00:00.000Z',
      key: 'a'.repeat(16),
      sign,
    }),
  );
  fc.assert(
    fc.property(fc.nat(2), fc.nat(10_000), (nth, spot) => {
      const line = lines[nth]!;
      const index = spot % line.length;
      const changed = `${line.slice(0, index)}${line[index] === '5' ? '6' : '5'}${line.slice(index + 1)}`;
      const file = openCheckpointFile(check);
      for (const before of lines.slice(0, nth)) file.read(before);
      expect(file.read(changed)).toBeDefined();
    }),
  );
});

const rows = ({ root, pending }: Chain): Row[] => pending.map((entry) => ({ ...root, ...entry }));
const bySeq = (...parts: Row[][]) => parts.flat().sort((one, other) => one.seq - other.seq);
function grown(from: Chain, count: number, time = 0): Chain {
  let chain = from;
  for (let nth = 0; nth < count; nth++)
    chain = append(
      chain,
      { type: 'unknown-signal', gate: 'main', name: 'x' },
      new Date(OPENED + (time + nth) * HOUR).toISOString(),
    );
  return chain;
}
const told = ({ seq, hash }: Row, after: number): Witness => ({ seq, hash, after, by: 'a checkpoint' });

describe('an honest record is never refused', () => {
  /** Ways on from any entry of before: attempts that were cut off, and runs before a reset. */
  const forks = fc.array(fc.tuple(fc.nat(1_000), fc.integer({ min: 1, max: 4 })), {
    minLength: 1,
    maxLength: 12,
  });

  it('however it forks, whatever was told of it, each entry vouched for once all is told', () => {
    fc.assert(
      fc.property(forks, (ways) => {
        let all: Row[] = [];
        const heads: Witness[] = [];
        ways.forEach(([spot, count], nth) => {
          const from = all.length === 0 ? undefined : all[spot % all.length];
          const chain =
            from === undefined
              ? openChain(ROOT, SEED)
              : { root: ROOT, seed: SEED, seq: from.seq, head: from.hash, pending: [] };
          const made = rows(grown(chain, count, nth * 10));
          all = bySeq(all, made);
          heads.push(told(made.at(-1)!, from?.seq ?? 0));
        });
        for (let some = 0; some <= heads.length; some++)
          expect(checkChain(ROOT, all, heads.slice(0, some)).faults).toEqual([]);
        expect(checkChain(ROOT, all, heads)).toMatchObject({ faults: [], unvouched: [] });
      }),
    );
  });

  it('nor one of 20,000 entries, nor does that take long', () => {
    const long = rows(grown(openChain(ROOT, SEED), 20_000));
    const began = performance.now();
    expect(checkChain(ROOT, long, [told(long.at(-1)!, 0)])).toEqual({
      faults: [],
      unvouched: [],
      branches: 0,
    });
    const half = long.filter(({ seq }) => seq % 2 === 0);
    expect(checkChain(ROOT, half, []).faults.length).toBe(10_000);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});
