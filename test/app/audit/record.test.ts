/** The record's use cases over a store in memory: verified beside Temporal, exported, reported, and one workflow's entries read. */
import { entriesOf } from '../../../src/app/audit/entries';
import { COLUMNS, columns, csvRow, exportRecord } from '../../../src/app/audit/export';
import { within } from '../../../src/app/audit/range';
import { report } from '../../../src/app/audit/report';
import { verifyRecord, type Progress } from '../../../src/app/audit/verify';
import type { AuditRecord, RecordReader } from '../../../src/app/ports';
import type { ChainEnd } from '../../../src/client';
import { NoTable } from '../../../src/store/audit-store';
import { BEGUN, chainOf, closed, opened, proposed, said } from '../../support/report-record';

const HONEST = ['pay-1', 'pay-2', 'pay-3', 'pay-4'].map(
  (id) =>
    chainOf(
      id,
      [0, proposed()],
      [0, opened()],
      [4, said('ana', 'comment', { comment: 'hm' })],
      [60, closed('expired')],
    ) as AuditRecord[],
);
const [FIRST = []] = HONEST;
const ID = FIRST[0]?.workflowId ?? '';

function recordOf(chains: readonly AuditRecord[][], more: Partial<RecordReader> = {}): RecordReader {
  const all = chains.flat();
  return {
    async *chains() {
      yield* chains;
    },
    entries: (workflowId: string) => Promise.resolve(all.filter((row) => row.workflowId === workflowId)),
    count: () => Promise.resolve({ entries: all.length }),
    configurations: () => Promise.resolve([]),
    ...more,
  } as unknown as RecordReader;
}

const ALL = { range: {}, complete: false } as const;
const forged = HONEST.map((chain, nth) => (nth === 0 ? chain.filter((_, seq) => seq !== 1) : chain));

describe('verify', () => {
  it('an honest one holds, and progress is told on the way', async () => {
    const told: Progress[] = [];
    const { verified } = await verifyRecord({ record: recordOf(HONEST) }, ALL, (progress) => {
      told.push(progress);
    });
    expect(verified).toMatchObject({ holds: true, entries: HONEST.flat().length, faults: [] });
    expect(verified).not.toHaveProperty('temporal');
    expect(told.length).toBeGreaterThan(0);
    expect(told.every(({ of }) => of === HONEST.flat().length)).toBe(true);
  });

  it('one that lacks an entry does not', async () => {
    const { verified } = await verifyRecord({ record: recordOf(forged) }, ALL);
    expect(verified.holds).toBe(false);
    expect(verified.faults[0]).toMatchObject({ workflowId: ID });
  });

  it.each<{ said: string; end: ChainEnd | Error; holds: boolean; counts: object; uncompared: boolean }>([
    { said: 'is open there', end: { status: 'open' }, holds: true, counts: { open: 4 }, uncompared: false },
    { said: 'is gone there', end: { status: 'gone' }, holds: true, counts: { gone: 4 }, uncompared: false },
    {
      said: 'ended there with another head',
      end: { status: 'told', entries: 9, head: 'f'.repeat(64) },
      holds: false,
      counts: { told: 4 },
      uncompared: false,
    },
    {
      said: 'cannot be asked for',
      end: new Error('away'),
      holds: false,
      counts: { open: 0 },
      uncompared: true,
    },
  ])('beside Temporal: what $said', async ({ end, holds, counts, uncompared }) => {
    const asked: string[] = [];
    const gates = {
      chainEnd: (workflowId: string) => {
        asked.push(workflowId);
        return end instanceof Error ? Promise.reject(end) : Promise.resolve(end);
      },
    };
    const { verified } = await verifyRecord({ record: recordOf(HONEST), gates }, ALL);
    expect(asked).toHaveLength(4);
    expect(verified.holds).toBe(holds);
    expect(verified.temporal).toMatchObject(counts);
    expect(verified.uncompared.length > 0).toBe(uncompared);
  });

  it('a workflow that nothing is known of', async () => {
    const nowhere = verifyRecord({ record: recordOf(HONEST) }, { ...ALL, workflowId: 'nowhere' });
    await expect(nowhere).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('a record that is gone, and nothing beside it that tells what is missing', async () => {
    const gone = new NoTable('the table is gone');
    const record = recordOf([], {
      async *chains() {
        yield* await Promise.reject<never[]>(gone);
      },
    });
    await expect(verifyRecord({ record }, ALL)).rejects.toBe(gone);
  });
});

describe('export', () => {
  const taken = async (input: Parameters<typeof exportRecord>[1], most = Infinity) => {
    const rows: AuditRecord[] = [];
    const sum = await exportRecord({ record: recordOf(HONEST) }, input, (chain) => {
      if (rows.length >= most) return Promise.resolve(false);
      rows.push(...chain);
      return Promise.resolve(true);
    });
    return { rows, sum };
  };

  it('all of it, or one workflow', async () => {
    const { rows, sum } = await taken({ range: {} });
    expect(rows).toEqual(HONEST.flat());
    expect(sum).toEqual({ chains: HONEST.length, entries: rows.length, stopped: false });
    expect((await taken({ workflowId: ID, range: {} })).rows.every((row) => row.workflowId === ID)).toBe(
      true,
    );
  });

  it('ends once nobody takes any more', async () => {
    const { sum } = await taken({ range: {} }, 1);
    expect(sum).toMatchObject({ chains: 1, stopped: true });
  });

  it.each([
    { workflowId: 'nowhere', range: {}, message: 'the store holds no entries of nowhere' },
    {
      workflowId: ID,
      range: { from: Date.UTC(2030) },
      message: `the store holds no entries of ${ID} in that time`,
    },
  ])('of what is not there: $message', async ({ message, ...input }) => {
    await expect(taken(input)).rejects.toMatchObject({ code: 'NOT_FOUND', message });
  });

  it('rows have the columns in their order; no cell is computed by a spreadsheet', () => {
    const row = { ...FIRST[0]!, workflowId: '=1+1', text: '"a"' };
    expect(Object.keys(columns(row))).toEqual([...COLUMNS]);
    expect(csvRow(row)).toMatch(/^"'=1\+1",.*,"""a"""\r\n$/);
    const { text: _, ...erased } = row;
    expect(columns(erased)).toMatchObject({ text: null });
  });
});

it.each([
  { said: 'any', range: {}, found: true },
  { said: 'from its time', range: { from: BEGUN }, found: true },
  { said: 'up to its time', range: { to: BEGUN }, found: false },
  { said: 'after it', range: { from: Date.UTC(2027) }, found: false },
])('a chain in a span of time: $said', ({ range, found }) => {
  expect(within(FIRST, range)).toBe(found);
});

it('what does not tell its time any more is never left out', () => {
  const damaged = FIRST.map((row) => ({ ...row, meta: { ...row.meta, at: '' } }));
  expect(within(damaged, { from: Date.UTC(2030) })).toBe(true);
});

describe('entries of one workflow', () => {
  it('with whether their chain holds', async () => {
    expect(await entriesOf({ record: recordOf(HONEST) }, ID)).not.toHaveProperty('trouble');
    const { trouble } = await entriesOf({ record: recordOf(forged) }, ID);
    expect(trouble).toMatch(/./);
  });

  it('of one that there are none of', async () => {
    await expect(entriesOf({ record: recordOf(HONEST) }, 'nowhere')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('`countersign reconcile` records it') as string,
    });
  });
});

it('a report tells each chain as it comes, and sums up', async () => {
  const told: string[] = [];
  const whole = await report({ record: recordOf(HONEST) }, {}, ({ story }) => {
    told.push(...story.questions.map(() => 'asked'));
    return Promise.resolve();
  });
  expect(told).toHaveLength(4);
  expect(whole).toMatchObject({ holds: true, chains: 4, entries: 16 });
});
