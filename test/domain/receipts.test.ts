/** What a gate remembers of before it opened. */
import type { Answers } from '../../src/domain/gate/receipts';
import { receiptFor, refuse, remembering } from '../../src/domain/gate/receipts';
import { refusal } from '../../src/domain/gate/refusals';

const NOTHING: Answers = { gate: 'main', revision: 0, answered: [], refusals: 0 };
const early = refuse(NOTHING, { id: 'a' }, refusal('TOO_EARLY', { limit: 100 }));
const opened = {
  ...refuse({ ...NOTHING, revision: 1 }, { id: 'b' }, refusal('GATE_CLOSED', { state: 'x' })),
  status: 'open',
};

it('first what was answered before it, then what was answered by it; and everything else of the gate', () => {
  const gate = remembering(opened, early);
  expect(gate).toEqual({
    ...opened,
    answered: [...early.answered, ...opened.answered],
    refusals: 2,
  });
  expect(receiptFor(gate, 'a')).toMatchObject({ status: 'refused', code: 'TOO_EARLY', revision: 0 });
  expect(receiptFor(gate, 'b')).toMatchObject({ status: 'refused', code: 'GATE_CLOSED', revision: 1 });
});

it('a gate that nothing came before is left as it is', () => {
  expect(remembering(opened, NOTHING)).toEqual(opened);
});
