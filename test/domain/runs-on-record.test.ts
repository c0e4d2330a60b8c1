/** What a record knows of a workflow's runs: which were checked, and which gates are closed, on every branch. */
import { append, openChain, type AuditEntry, type Chain, type Fact } from '../../src/domain/audit';
import { checkedRuns, closedGates } from '../../src/domain/runs-on-record';
import { policy, ROOT } from './given';

const opened = (gate: string): Fact => ({
  type: 'opened',
  gate,
  revision: 1,
  digest: 'd',
  policy: policy(),
  level: 'HUMAN',
  shown: 's',
});
const closed = (outcome: string): Fact => ({ type: 'closed', outcome });
const repeated = (gate: string): Fact => ({ type: 'repeated', gate, id: '1', via: 'signal' });
const at = (hour: number) => `2026-03-02T0${String(hour)}:00:00.000Z`;
/** One fact an hour. */
const chained = (facts: readonly Fact[], from: Chain = openChain(ROOT)): Chain =>
  facts.reduce((chain, fact) => append(chain, fact, at(chain.seq + 1)), from);

test('a gate is closed by what follows its opening; one that never opened has no name', () => {
  const { pending } = chained([
    closed('failed'),
    opened('a'),
    repeated('z'),
    closed('executed'),
    closed('failed'),
    opened('b'),
    repeated('a'),
  ]);
  expect(closedGates(pending)).toEqual([{ gate: 'a', at: at(4) }]);
});

test('each branch is gone through: a gate that one of them closed is closed', () => {
  const trunk = chained([opened('a')]);
  const one = chained([closed('rejected'), opened('b'), closed('executed')], trunk);
  const other = chained([repeated('a'), repeated('a')], trunk);
  const entries: readonly AuditEntry[] = [...one.pending, ...other.pending.slice(1)];
  expect(closedGates(entries)).toEqual([
    { gate: 'a', at: at(2) },
    { gate: 'b', at: at(4) },
  ]);
});

test('runs that were checked are told, and damage tells nothing', () => {
  const { pending } = chained([
    { type: 'continued', runId: '2', from: '1' },
    opened('a'),
    { type: 'continued', runId: '3', from: '2' },
  ]);
  expect(checkedRuns(pending)).toEqual(['2', '3']);
  const damaged = ['', 'null', '7', '{"type":"continued"}', '{"type":"closed"}'].map((entry) => ({
    ...pending[1]!,
    entry,
  }));
  expect(checkedRuns(damaged)).toEqual([]);
  expect(closedGates(damaged)).toEqual([]);
});
