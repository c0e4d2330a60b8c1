/** Tamperings without number, beside the checkpoints of an honest record: each is found, and where; the record alone is not refused. */
import { settled, vouched, type ToldFile } from '../../src/domain/vouching';
import { verify, type Row } from '../../src/domain/verification';
import { byPlace, honestRecord, random } from '../support/record';
import { KINDS, tampered, untold } from '../support/tamperings';

const BATCHES = honestRecord(9);
const ROWS = BATCHES.flat();
const FILES: ToldFile[] = [
  {
    name: 'checkpoints.jsonl',
    lines: [
      { seq: 1, at: 'start', kind: 'start', changed: [] },
      ...BATCHES.map((batch, nth) => {
        const { workflowId, firstRunId, seq, hash } = batch.at(-1)!;
        const changed = [[workflowId, firstRunId, seq, hash, batch[0]!.seq - 1] as const];
        return { seq: nth + 2, at: `at ${String(nth)}`, kind: 'stored' as const, changed };
      }),
      { seq: BATCHES.length + 2, at: 'stop', kind: 'stop', changed: [] },
    ],
  },
];

async function* chains(rows: readonly Row[]): AsyncGenerator<Row[]> {
  const sorted = [...rows].sort(byPlace);
  for (let from = 0; from < sorted.length;) {
    const { workflowId, firstRunId } = sorted[from]!;
    const chain = sorted.filter((row) => row.workflowId === workflowId && row.firstRunId === firstRunId);
    yield chain;
    from += chain.length;
  }
}

const judged = (rows: readonly Row[], complete = true) =>
  verify(chains(rows), { checkpoints: vouched(FILES, complete), settled: complete && settled(FILES) });

it('the honest record holds, with its forks and levels', async () => {
  const { faults, unvouched, branches, entries } = await judged(ROWS);
  expect({ faults, unvouched, entries }).toEqual({ faults: [], unvouched: [], entries: ROWS.length });
  expect(branches).toBeGreaterThan(3);
});

it.each(Object.keys(KINDS))('%s: 200 of them', async (kind) => {
  const pick = random(kind.length);
  for (let nth = 0; nth < 200; nth++) {
    const made = tampered(kind, ROWS, pick);
    const { faults } = await judged(made.rows);
    expect({ nth, how: made.how, untold: untold(made, faults) }).toEqual({
      nth,
      how: made.how,
      untold: undefined,
    });
  }
});
