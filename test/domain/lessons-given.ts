/** Versions of a proposal, and what people made of them. */
import type { Fate, Version } from '../../src/domain/lessons';

export const AT = '2026-03-02T09:00:00.000Z';
export const version = (digest: string, fate?: Fate, more: Partial<Version> = {}): Version => ({
  digest,
  workflowId: 'w',
  gate: 'main',
  revision: 1,
  at: AT,
  task: 'refund it',
  action: 'refund',
  args: { amount: 2 },
  title: 'Refund',
  by: 'AGENT (offline)',
  confidence: 0.8,
  ...(fate === undefined ? {} : { fate }),
  ...more,
});
export const TEXT = '{"action":"refund","args":{"amount":2}}';
export const BETTER = '{"action":"refund","args":{"amount":1}}';

export const APPROVED: Fate = { how: 'approved', by: ['ana', 'bo'] };
export const EDITED: Fate = { how: 'edited', by: 'ana', comment: 'half' };
export const ANSWERED: Fate = { how: 'answered', by: 'mo', answer: 'by hand' };
/** An edited version is nobody's estimate. */
export const edited = (fate?: Fate): Version => {
  const { confidence, ...rest } = version('b', fate, { args: { amount: 1 }, after: 'a', by: 'ana' });
  expect(confidence).toBe(0.8);
  return rest;
};
