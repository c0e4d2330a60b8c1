/** Whose limits a gate takes of, and when it has to wait. */
import { sha256Hex } from '../../src/domain/digest';
import { DEFAULT_POLICY, Policy } from '../../src/domain/policy';
import { overLimit, sharesOf, type Limits } from '../../src/domain/gate/open-limits';

const BOTH: Limits = { openPerRequester: 20, openPerAgent: 5 };
const AGENT = 'AGENT (offline)';
const requester = {
  party: 'requester:c5420b43786b20f6cd116002a483b128e9d24020852c5e1c53731e25f40217f0',
  called: 'the requester rita',
  limit: 20,
};
const agent = { party: `agent:${sha256Hex(AGENT)}`, called: `the agent ${AGENT}`, limit: 5 };
const question = { revision: 1, action: 'refund', args: {} };
const undoes = { record: { workflowId: 'w', firstRunId: 'r' }, seq: 1, hash: 'f'.repeat(64), question };

describe('whose', () => {
  it.each([
    { of: 'a caller that brings its own proposal', by: 'rita', limits: BOTH, shares: [requester] },
    { of: 'an agent', by: AGENT, limits: BOTH, shares: [requester, agent] },
    { of: 'an agent, requesters unlimited', by: AGENT, limits: { openPerAgent: 5 }, shares: [agent] },
    { of: 'an agent, agents unlimited', by: AGENT, limits: { openPerRequester: 20 }, shares: [requester] },
    { of: 'a caller, requesters unlimited', by: 'rita', limits: { openPerAgent: 5 }, shares: [] },
    { of: 'no limits', by: AGENT, limits: {}, shares: [] },
    { of: 'a notice', by: AGENT, limits: BOTH, confirmation: 'INFO', shares: [] },
    {
      of: 'an undo that is asked about',
      by: 'rita',
      limits: BOTH,
      setUp: { home: 'w' },
      shares: [requester],
    },
    {
      of: 'an undo that was approved with its step',
      by: 'rita',
      limits: BOTH,
      setUp: { undoes },
      shares: [],
    },
  ])('$of', ({ by, limits, confirmation = 'VERIFY', setUp, shares }) => {
    const policy = Policy.parse({ ...DEFAULT_POLICY, confirmation });
    const asked = { requester: 'rita', by, policy, ...(setUp && { setUp }) };
    expect(sharesOf(asked, limits)).toEqual(shares);
  });

  it('whatever a name holds, the index has its hash', () => {
    expect(sharesOf({ requester: 'o\'neil "', by: 'o\'neil "', policy: DEFAULT_POLICY }, BOTH)).toEqual([
      { party: `requester:${sha256Hex('o\'neil "')}`, called: 'the requester o\'neil "', limit: 20 },
    ]);
  });
});

describe('when', () => {
  it.each([
    { open: 0, ahead: 0, why: undefined },
    { open: 4, ahead: 0, why: undefined },
    { open: 0, ahead: 4, why: undefined },
    { open: 5, ahead: 0, why: 'the agent A may have 5 open at once; 5 are' },
    { open: 9, ahead: 0, why: 'the agent A may have 5 open at once; 9 are' },
    {
      open: 4,
      ahead: 1,
      why: 'the agent A may have 5 open at once; 4 are, and 1 more waits before this one',
    },
    {
      open: 1,
      ahead: 12,
      why: 'the agent A may have 5 open at once; 1 is, and 12 more wait before this one',
    },
  ])('$open open, $ahead ahead', ({ open, ahead, why }) => {
    expect(overLimit({ party: 'agent:A', called: 'the agent A', limit: 5 }, { open, ahead })).toBe(why);
  });
});
