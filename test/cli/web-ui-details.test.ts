/** What the Web UI shows of a gate by its grade: an object to paste where names are believed, and where they are not the way to sign. */
import { execFileSync } from 'node:child_process';
import { admit } from '../../src/domain/gate/admit';
import { parseDecision, type Decision } from '../../src/domain/gate/decision';
import { packetOf, type Packet } from '../../src/domain/packet';
import { details } from '../../src/workflows/details';
import { open, openAmong, OPENED, policy } from '../domain/given';

const under = (authentication: 'open' | 'vouched' | 'signed') =>
  openAmong(policy({ approvers: { people: ['ana', 'bo'] } }, { authentication }));
const told = (more: Partial<Packet> = {}) => details({ ...packetOf(open()), ...more });

it('in open mode the object that is pasted has no hash of what was shown, and counts as it is', () => {
  const gate = open();
  const text = details(packetOf(gate));
  const [, pasted = ''] = /`(\{"v":1,.*?\})`/.exec(text) ?? [];
  expect(JSON.parse(pasted)).not.toHaveProperty('shown');
  const parsed = parseDecision(JSON.parse(pasted)) as { decision: Decision };
  expect(admit(gate, parsed.decision, OPENED)).toBeUndefined();
  expect(text).not.toContain('countersign sign');
});

it.each([
  { mode: 'signed' as const, lead: '**To decide**, sign your decision where your key is' },
  {
    mode: 'vouched' as const,
    lead: '**To decide**, go to your front door, or sign your decision where your key is',
  },
])('$mode: the line to sign with has both hashes of what is shown', ({ mode, lead }) => {
  const packet = packetOf(under(mode));
  const text = details(packet);
  expect(text).toContain(lead);
  const [, line = ''] = /`(countersign sign .*?)`/.exec(text) ?? [];
  expect(line).toBe(
    `countersign sign refund-4711 --verdict approve --reviewer YOU --key YOUR.key.pem --digest ${packet.digest ?? ''} --shown ${packet.shown ?? ''}`,
  );
  expect(text).not.toContain('{"v":1');
});

it('pasted into a shell, the line runs nothing but ours, whatever the workflow is called', () => {
  const text = details({ ...packetOf(under('signed')), workflowId: "x'; touch /tmp/pwned; $(id) #" });
  const [, line = ''] = /`(countersign sign .*?)`\n/.exec(text) ?? [];
  const words = execFileSync('/bin/sh', ['-c', `countersign() { printf '%s\\n' "$@"; }; ${line}`], {
    encoding: 'utf8',
  }).split('\n');
  expect(words).toContain("x'; touch /tmp/pwned; $(id) #");
});

it.each([
  [
    told(),
    '- **Requester:** `req`, as claimed\n- **Proposed by:** `req`\n- **Risk:** medium\n- **Names:** believed, not proven (open mode)',
  ],
  [told({ requesterProof: 'signed' }), '- **Requester:** `req`, who has signed the start'],
  [told({ requesterProof: 'vouched' }), '- **Requester:** `req`, a front door has signed the start for them'],
  [told({ callback: 'https://a.example/`x`' }), '- **Sent to:** `` https://a.example/`x` ``, how it ends'],
  [
    told({ authentication: 'vouched' }),
    '- **Names:** vouched for: a front door has authenticated each reviewer, or the decision',
  ],
  [
    told({ authentication: 'signed' }),
    '- **Names:** proven: each decision is signed with the key of its reviewer',
  ],
  [
    told({
      policy: policy({ quorum: 2, signedAtLeast: 1 }),
      signatures: [
        {
          reviewer: 'ana',
          decision: 'd',
          at: '2026-03-02T09:10:00.000Z',
          revision: 1,
          authentication: 'vouched',
        },
      ],
    }),
    "- **Asked:** `HUMAN`: `ana`, `bo`, `cy`, `req`; 2 signatures, at least 1 with a key of one's own\n- **Signed:** `ana` (vouched for)\n- **Missing:** 1 more: `bo`, `cy`",
  ],
])('tells of who asked, who proposed and who signed: %#', (text, lines) => {
  expect(text).toContain(lines);
});

describe('the objects to paste', () => {
  const pasted = (more: Partial<Packet>) =>
    [...told(more).matchAll(/^`(\{"v":1.*\})`$/gm)].map(([, object = '']) => JSON.parse(object) as Decision);
  const signature = (reviewer: string) => ({
    ...{ reviewer, decision: 'd', at: '2026-03-02T09:10:00.000Z', revision: 1 },
    authentication: 'open' as const,
  });

  it('one for each person who is missing, also whoever acts on their behalf', () => {
    const delegations = [{ from: 'cy', to: 'dan', decision: 'd', at: '2026-03-02T09:10:00.000Z' }];
    const more = { policy: policy({ quorum: 2 }), signatures: [signature('ana')], delegations };
    expect(pasted(more).map(({ reviewer }) => reviewer)).toEqual(['bo', 'cy', 'dan']);
    expect(pasted({ ...more, signatures: [signature('dan')] }).map(({ reviewer }) => reviewer)).toEqual([
      ...['ana', 'bo'],
    ]);
  });

  it.each([
    { verdicts: ['edit', 'respond', 'reject'], lead: 'respond', field: { answer: 'YOUR-ANSWER' } },
    { verdicts: ['comment', 'reject'], lead: 'reject', field: { comment: 'WHY' } },
    { verdicts: ['edit', 'comment'], lead: 'edit', field: { args: 'ALL-OF-THE-NEW-ARGS' } },
  ] as const)('the verdict that leads is one that is offered: $lead', ({ verdicts, lead, field }) => {
    expect(pasted({ verdicts })[0]).toMatchObject({ verdict: lead, reviewer: 'ana', ...field });
    expect(told({ verdicts })).toContain(`**To ${lead}**`);
    // Pasted without a look, it is refused rather than changes anything.
    expect(parseDecision(pasted({ verdicts: ['edit'] })[0]).ok).toBe(false);
  });
});
