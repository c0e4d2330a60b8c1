/** What every audit store must do, told once: each store's test file runs it on its own. */
import { sha256Hex } from '../../src/domain/digest';
import type { AuditRecord, AuditStore } from '../../src/store/audit-store';
import { entry } from './appender';
import { rehashed, retold, rewritten } from './forged';

export function storeContract(current: () => AuditStore): void {
  test('entries come back as they were, in order, those of one workflow alone', async () => {
    const store = current();
    const later = rewritten(entry('a', 1, { run: 'later run' }), { name: 'ü\u0000' });
    await store.append([entry('a', 1), entry('b', 1)]);
    await store.append([later, entry('a', 2)]);
    expect(await store.entries('a')).toEqual([later, entry('a', 1), entry('a', 2)]);
    expect(await store.entries('a', 'run')).toEqual([entry('a', 1), entry('a', 2)]);
    expect(await store.entries('c')).toEqual([]);
  });

  test('runs are in the order of their bytes, whatever the language', async () => {
    const runs = ['B', 'a', 'ä', 'é', 'z'].map((firstRunId) => entry('a', 1, { run: firstRunId }));
    await current().append([...runs].reverse());
    const found = await current().entries('a');
    expect(found.map(({ firstRunId }) => firstRunId)).toEqual(['B', 'a', 'z', 'ä', 'é']);
  });

  test('appending the same again changes nothing', async () => {
    const store = current();
    await store.append([entry('a', 1), entry('a', 2)]);
    await store.append([entry('a', 1), entry('a', 2), entry('a', 3)]);
    await store.append([]);
    expect(await store.entries('a')).toEqual([entry('a', 1), entry('a', 2), entry('a', 3)]);
  });

  test('a fork is kept: two hashes at one seq, each to be had by its own', async () => {
    const store = current();
    await store.append([entry('a', 1)]);
    const other = entry('a', 1, { branch: 'other' });
    await store.append([other]);
    expect((await store.entries('a')).sort(byHash)).toEqual([entry('a', 1), other].sort(byHash));
    for (const one of [entry('a', 1), other])
      expect(await store.entry({ workflowId: 'a', firstRunId: 'run' }, { seq: 1, hash: one.hash })).toEqual(
        one,
      );
  });

  const one = entry('a', 2);
  test.each<[string, AuditRecord, string]>([
    ['another hash', { ...one, hash: 'f'.repeat(64) }, 'its hash is not that of what it holds'],
    ['a text of its own', { ...one, text: entry('a', 3).text! }, 'its text has another hash'],
    ['another commit', rehashed(one, { ...one, commit: 'f'.repeat(64) }), 'its text has another hash'],
    ['no text', { ...one, text: undefined }, 'lacks one of the texts'],
    ['a number for a hash', { ...one, prev: 7 } as never, 'lacks one of the texts'],
    ['no meta', { ...one, meta: undefined } as never, 'lacks one of the texts'],
    [
      'another type beside it',
      rehashed(one, { ...one, meta: { ...one.meta, type: 'closed' } }),
      'another type or time',
    ],
    [
      'another time beside it',
      rehashed(one, { ...one, meta: { ...one.meta, at: 'x' } }),
      'another type or time',
    ],
    ['a text of another workflow', rewritten(one, { workflowId: 'b' }), 'tells another place'],
    ['a text of another run', rewritten(one, { firstRunId: 'b' }), 'tells another place'],
    ['a text of another number', rewritten(one, { seq: 3 }), 'tells another place'],
    ['a text without a salt', rewritten(one, { salt: undefined }), 'holds no salt'],
    ['a text that is no JSON', retold(one, one, 'nothing'), 'tells another place'],
    ['the number 0', rehashed(one, { ...one, seq: 0 }), 'its seq 0 is not 1, 2, 3'],
    ['the number 1.5', rehashed(one, { ...one, seq: 1.5 }), 'its seq 1.5 is not 1, 2, 3'],
    [
      'the first number, and a predecessor',
      rehashed(one, rewritten({ ...one, seq: 1 }, { seq: 1 })),
      'follows another',
    ],
  ])('an entry with %s is refused, and what came with it', async (_, forged, says) => {
    await current().append([entry('a', 1)]);
    const bad = current().append([entry('c', 1), forged]);
    await expect(bad).rejects.toMatchObject({ code: 'NOT_AN_ENTRY', message: expect.stringContaining(says) });
    expect(await current().count()).toEqual({ chains: 1, entries: 1 });
  });

  const at = ({ workflowId, firstRunId, seq, hash }: AuditRecord) => ({ workflowId, firstRunId, seq, hash });
  test.each<[string, AuditRecord[], AuditRecord]>([
    ['one that is not there', [entry('a', 4)], entry('a', 3)],
    ['one that comes behind it', [entry('b', 1), entry('a', 4), entry('a', 3)], entry('a', 3)],
    [
      'one with another hash',
      [rehashed(one, { ...one, prev: 'f'.repeat(64) })],
      { ...entry('a', 1), hash: 'f'.repeat(64) },
    ],
    ['one of another run', [entry('a', 2, { run: 'another' })], entry('a', 1, { run: 'another' })],
    ['one with another number', [rewrittenAt(one, 3)], { ...entry('a', 2), hash: one.prev }],
  ])(
    'what follows %s is not stored, nor what came with it, and what is missing is told',
    async (_, records, missing) => {
      await current().append([entry('a', 1), entry('a', 2)]);
      expect(await current().append(records)).toEqual({ missing: at(missing) });
      expect(await current().count()).toEqual({ chains: 1, entries: 2 });
    },
  );

  test('several may follow one that is stored, or one that comes with them', async () => {
    const branches = ['x', 'y', 'z'].map((branch) => entry('a', 2, { branch }));
    expect(await current().append([entry('a', 1), ...branches.slice(0, 2)])).toEqual({});
    expect(await current().append([...branches, entry('a', 2), entry('a', 3)])).toEqual({});
    expect(await current().count()).toEqual({ chains: 1, entries: 6 });
  });

  test.each([
    { differs: 'workflow', asked: { ...entry('a', 1), workflowId: 'b' } },
    { differs: 'run', asked: { ...entry('a', 1), firstRunId: 'another' } },
    { differs: 'seq', asked: { ...entry('a', 1), seq: 2 } },
    { differs: 'hash', asked: { ...entry('a', 1), hash: 'forged' } },
  ])('an entry of another $differs is not found', async ({ asked }) => {
    await current().append([entry('a', 1)]);
    expect(await current().entry(asked, asked)).toBeUndefined();
  });

  test('any text is stored as it is', async () => {
    const hostile = ["'); DROP TABLE audit_entries; --", '\u0001;\n"', '\u{1f600} ü \u202e', 'COMMIT;', ''];
    const records = hostile.map((text) => rewritten(entry(text, 1, { run: text }), { name: text }));
    await current().append(records);
    for (const record of records)
      expect(await current().entries(record.workflowId, record.firstRunId)).toEqual([record]);
  });

  test.each([{ text: 'a\u0000b' }, { text: '\ud800' }])(
    'what would come back changed is refused, and what came with it: %j',
    async ({ text }) => {
      const bad = current().append([entry('a', 1), retold(one, one, text)]);
      await expect(bad).rejects.toThrow('which the store cannot keep');
      expect(await current().entries('a')).toEqual([]);
    },
  );

  test('it is ready, and asking leaves nothing behind', async () => {
    await current().ready();
    await current().ready();
    await current().append([entry('a', 1)]);
    expect(await current().entries('a')).toEqual([entry('a', 1)]);
  });

  test('thirty appends at once lose nothing', async () => {
    const store = current();
    await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        store.append([entry('a', 1, { branch: String(n) }), entry(`own-${String(n)}`, 1)]),
      ),
    );
    expect(new Set((await store.entries('a')).map(({ hash }) => hash)).size).toBe(30);
    expect(await store.count()).toEqual({ chains: 31, entries: 60 });
  });

  test('all chains, each whole, in the order of their bytes; heads and number of them', async () => {
    const store = current();
    expect(await all(store.chains())).toEqual([]);
    expect(await store.count()).toEqual({ chains: 0, entries: 0 });
    const later = entry('b', 1, { run: 'later run' });
    await store.append([entry('ä', 1), entry('b', 1), entry('b', 2), later, entry('B', 1)]);
    await store.append([entry('b', 3), entry('ä', 2)]);
    expect(await all(store.chains())).toEqual([
      [entry('B', 1)],
      [later],
      [entry('b', 1), entry('b', 2), entry('b', 3)],
      [entry('ä', 1), entry('ä', 2)],
    ]);
    const heads = (await all(store.heads())).map((chain) => chain.map((head) => Object.values(head)));
    expect(heads).toEqual([
      [['B', 'run', 1, entry('B', 1).hash]],
      [['b', 'later run', 1, later.hash]],
      [['b', 'run', 3, entry('b', 3).hash]],
      [['ä', 'run', 2, entry('ä', 2).hash]],
    ]);
    expect(await store.count()).toEqual({ chains: 4, entries: 7 });
  });

  test('a chain that forks has a head for each branch', async () => {
    const store = current();
    const branch = entry('a', 3, { branch: 'other' });
    await store.append([entry('a', 1), entry('a', 2), entry('a', 3), branch, entry('a', 4)]);
    const [heads] = await all(store.heads());
    expect(heads?.map(({ seq, hash }) => `${String(seq)} ${hash}`)).toEqual([
      `3 ${branch.hash}`,
      `4 ${entry('a', 4).hash}`,
    ]);
  });

  test('more than is read at once: no chain is cut, none is left out or told twice', async () => {
    const store = current();
    const sizes = Array.from({ length: 1_200 }, (_, n) => (n === 700 ? 5_000 : 1 + (n % 7)));
    const ids = sizes.map((_, n) => `workflow-${String(n).padStart(4, '0')}`);
    for (let from = 0; from < sizes.length; from += 100)
      await store.append(
        sizes
          .slice(from, from + 100)
          .flatMap((size, n) =>
            Array.from({ length: size }, (_, seq) => entry(ids[from + n] ?? '', seq + 1)),
          ),
      );
    const chains = await all(store.chains());
    expect(chains.map(([first]) => first?.workflowId)).toEqual(ids);
    expect(chains.map(({ length }) => length)).toEqual(sizes);
    expect((await all(store.heads())).map(([head]) => head?.seq)).toEqual(sizes);
  });

  test('files that a worker goes by: each version once, as it was loaded first, in that order', async () => {
    const store = current();
    expect(await store.configurations()).toEqual([]);
    const directory = {
      kind: 'directory',
      text: 'people: [ä\u2028]\n',
      at: '2026-03-02T10:00:00.000Z',
    } as const;
    const rules = {
      kind: 'rules',
      text: "'); DROP TABLE configurations; --",
      at: '2026-03-02T09:00:00.000Z',
    } as const;
    await store.configured(directory);
    await store.configured(rules);
    await store.configured({ ...rules, kind: 'registry' });
    await store.configured({ ...directory, at: '2026-03-03T00:00:00.000Z' });
    expect(await store.configurations()).toEqual([
      { ...rules, kind: 'registry', hash: sha256Hex(rules.text) },
      { ...rules, hash: sha256Hex(rules.text) },
      { ...directory, hash: sha256Hex(directory.text) },
    ]);
    await expect(store.configured({ ...rules, text: 'a\0' })).rejects.toThrow('which the store cannot keep');
  });

  test('who stops reading leaves nothing open', async () => {
    const store = current();
    await store.append([entry('a', 1), entry('b', 1)]);
    for (let round = 0; round < 20; round++)
      for await (const [first] of store.chains()) if (first !== undefined) break;
    await store.append([entry('c', 1)]);
    expect(await store.count()).toEqual({ chains: 3, entries: 3 });
  });
}

const byHash = (a: AuditRecord, b: AuditRecord) => (a.hash < b.hash ? -1 : 1);

/** The same said of another number, whatever stands before it. */
function rewrittenAt(row: AuditRecord, seq: number): AuditRecord {
  return rewritten({ ...row, seq }, { seq });
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
