/** Gates of every kind and in every state, as people are shown them: made by the domain where it makes them, put together by hand where a workflow does. */
import type { PacketAtEnd } from '../../src/client';
import {
  startExecuting,
  cancel as callOff,
  expire,
  openGate,
  repropose,
  closeAfterApproval,
  type ApprovedGate,
  type Asked,
  type Gate,
} from '../../src/domain/gate';
import { wordsOf } from '../../src/domain/changes';
import type { Json, JsonObject } from '../../src/domain/json';
import { openLevel } from '../../src/domain/gate/levels';
import { packetOf, type Packet } from '../../src/domain/packet';
import type { PlanView } from '../../src/domain/plan-view';
import type { Policy } from '../../src/domain/policy';
import { unproposed } from '../../src/domain/gate/no-proposal';
import {
  approve,
  assessed,
  at,
  delegate,
  edit,
  escalateTo,
  extend,
  HOUR,
  ladder,
  LATER,
  open,
  openAmong,
  OPENED,
  PLACE,
  play,
  policy,
  proposal,
  reject,
  respond,
  revise,
  ROOT,
  through,
  waitingAbove,
  withdraw,
  comment,
  type Said,
} from '../domain/given';
import { HOSTILE } from '../support/hostile';

/** A packet, and what only the terminal knows besides. */
export interface Scene {
  readonly packet: PacketAtEnd;
  /** What holds up the execution, by the server's word. */
  readonly trouble?: string;
  /** The revision that the reader saw last. */
  readonly saw?: Packet;
}

const after = (gate: Gate, ...saids: Said[]) => play(gate, saids).gate;
/** As the query answers it. */
const packetIn = (gate: Gate): Packet => {
  const words = wordsOf(gate);
  return { ...packetOf(gate), ...(words.length === 0 ? {} : { words }) };
};
const of = (gate: Gate, more: Partial<PacketAtEnd> = {}): Scene => ({
  packet: { ...packetIn(gate), ...more },
});
const asking = (args: JsonObject, more: Partial<Asked['proposal']> = {}, rest: Partial<Asked> = {}): Gate =>
  openAmong(policy(), { proposal: { ...proposal(args), ...more }, assessment: assessed(args), ...rest });
const under = (level: Parameters<typeof policy>[0], rest: Parameters<typeof policy>[1] = {}) =>
  open(policy(level, rest));
const previewed = (preview: Json): Gate =>
  asking(
    { order: 'A-4711', amount: 40 },
    {},
    { assessment: { ...assessed({ order: 'A-4711', amount: 40 }), preview } },
  );

const TWO = policy({ quorum: 2, rejections: 2 });
const BOTH = ladder();
const approved = (gate: Gate = open()) => after(gate, approve('ana')) as ApprovedGate;
const signature = (reviewer: string, authentication: 'open' | 'vouched' | 'signed', onBehalfOf?: string) => ({
  reviewer,
  decision: `d-${reviewer}`,
  at: '2026-03-02T09:10:00.000Z',
  revision: 1,
  authentication,
  ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
});

/** An order, whose note an editor rewords. */
const NOTE = {
  order: 'A-4711',
  note: 'We are sorry that the cup arrived broken, and refund the whole amount today.',
};
const REWORDED = {
  ...NOTE,
  note: 'We are sorry that the cup arrived broken, and refund half of the amount tomorrow.',
};
const LETTER = {
  to: 'customers',
  text: Array.from({ length: 60 }, (_, n) => `line ${String(n)} of a long letter`).join('\n'),
};

const FAILURE = { code: 'AGENT_FAILED', message: 'the model answered with no proposal, three times' };
const unable = (rest: Partial<Policy> = {}): Gate =>
  openGate(
    {
      root: ROOT,
      ...PLACE,
      gate: 'main',
      requester: 'req',
      ...unproposed('refund order A-4711', FAILURE, { ...policy(), ...rest }, 'AGENT'),
    },
    OPENED,
  );

/** What a workflow shows before it has a gate. */
const bare = (more: Partial<Packet>): Scene => ({
  packet: {
    v: 1,
    workflowId: ROOT.workflowId,
    root: ROOT,
    gate: 'main',
    status: 'proposing',
    requester: 'req',
    revision: 0,
    signatures: [],
    verdicts: [],
    authentication: 'open',
    ...more,
  },
});

const steps = (...outcomes: (string | undefined)[]): PlanView['steps'] =>
  ['backup', 'migrate', 'deploy', 'announce'].map((name, n) => {
    const outcome = outcomes[n];
    return { name, about: `${name} the release`, ...(outcome === undefined ? {} : { outcome }) };
  });
const release = (at: number, ...outcomes: (string | undefined)[]): PlanView => ({
  onReject: 'undo',
  at,
  steps: steps(...outcomes),
});
const plan = (view: PlanView, more: Partial<PacketAtEnd> = {}): Scene =>
  bare({
    workflowId: 'release',
    root: { workflowId: 'release', firstRunId: 'run-1' },
    gate: view.steps[Math.min(view.at, view.steps.length - 1)]!.name,
    plan: view,
    ...more,
  });
const stepGate = (name: string, view: PlanView, more: Partial<NonNullable<Asked['setUp']>> = {}): Gate =>
  openAmong(policy(), {
    root: { workflowId: 'release', firstRunId: 'run-1' },
    gate: name,
    proposal: proposal({ step: name }, `${name} the release`),
    assessment: assessed({ step: name }),
    setUp: { home: `release/${name}`, plan: view, ...more },
  });
const long = (at: number): PlanView => ({
  onReject: 'skip',
  at,
  steps: Array.from({ length: 300 }, (_, n) => ({
    name: `shard-${String(n)}`,
    about: `copy shard ${String(n)}`,
    ...(n >= at ? {} : { outcome: n % 7 === 3 ? 'rejected' : 'executed' }),
  })),
});
const TAKING_BACK: PlanView = {
  onReject: 'undo',
  at: 3,
  steps: [
    { name: 'backup', about: 'backup the release', outcome: 'executed' },
    { name: 'migrate', about: 'migrate the release', outcome: 'executed', undo: 'failed' },
    { name: 'deploy', about: 'deploy the release', outcome: 'executed', undo: 'executed' },
    {
      name: 'announce',
      about: 'announce the release',
      outcome: 'rejected',
      reason: 'ana rejected it: too early',
    },
  ],
};

const agents = (on: string) => bare({ status: 'waiting', level: on, waitingOn: `refund-4711/${on}` });
const passedUp = waitingAbove(BOTH, [at(OPENED + HOUR, comment('ana'))]);

const asked: Readonly<Record<string, Scene>> = {
  'open, one of four people': of(open()),
  'open, anybody': of(under({ approvers: { people: ['*'] } })),
  'open, a role': of(under({ approvers: { roles: ['oncall'] } })),
  'open, groups': of(
    under({
      approvers: { people: ['*'] },
      groups: [
        { role: 'security', quorum: 2 },
        { role: 'qa', quorum: 1, rejections: 2 },
      ],
    }),
  ),
  'open, INFO': of(under({}, { confirmation: 'INFO' })),
  'open, VERIFY': of(under({}, { confirmation: 'VERIFY', phrase: 'REFUND A-4711' })),
  'open, the requester may decide': of(under({}, { separation: { requester: false } })),
  'open, fewer verdicts': of(under({}, { verdicts: ['approve', 'reject'] })),
  'open, only an answer is wanted': of(under({}, { verdicts: ['respond', 'reject'] })),
  'open, silence approves': of(under({}, { onSilence: 'approve' })),
  'open, silence expires below a level': of(open(ladder({ onSilence: 'expire' }))),
  'open, first of two levels': of(open(BOTH)),
  'open, vouched': of(under({}, { authentication: 'vouched' })),
  'open, signed': of(under({}, { authentication: 'signed' })),
  'open, signed, VERIFY': of(
    under({}, { authentication: 'signed', confirmation: 'VERIFY', phrase: 'REFUND A-4711' }),
  ),
  'open, some sign themselves': of(under({ quorum: 2, signedAtLeast: 1 }, { authentication: 'vouched' }), {
    signatures: [signature('ana', 'vouched')],
  }),
  'open, one of two has signed': of(after(open(TWO), approve('ana'))),
  'open, one of two has rejected': of(after(open(TWO), reject('ana'))),
  'open, signed and rejected and delegated': of(
    after(open(TWO), approve('ana'), reject('bo'), delegate('cy', 'dan')),
  ),
  'open, a delegate has signed': of(after(open(TWO), delegate('cy', 'dan'), approve('dan'))),
  'open, a signature was withdrawn': of(after(open(TWO), approve('ana'), withdraw('ana'))),
  'open, the deadline was moved': of(after(open(), extend('ana', OPENED + 20 * HOUR))),
  'open, commented': of(after(open(), comment('bo'))),
  'open, who is known how': of(open(), { requesterProof: 'signed', by: 'AGENT (a model)', risk: 'high' }),
  'open, a door has signed the start': of(open(), { requesterProof: 'vouched' }),
  'open, the end is sent to somebody': of(open(), { callback: 'https://orders.example/done' }),
  'open, the worker does not answer': {
    ...of(open()),
    trouble: 'its workflow task fails: TMPRL1100 Nondeterminism error',
  },
  'open, the store is away': of(open(), {
    waitingFor: 'the audit store does not answer: connection refused',
  }),
};

const proposals: Readonly<Record<string, Scene>> = {
  'proposal, with evidence': of(
    asking(
      { order: 'A-4711', amount: 40 },
      {
        evidence: [
          { label: 'photo', value: 'a broken cup', href: 'https://orders.example/A-4711/photo' },
          { label: 'order', value: '{"total":40}' },
        ],
        sensitive: true,
      },
    ),
    { lessons: 3 },
  ),
  'proposal, no rationale': of(asking({}, { rationale: '', title: 'Restart the queue' })),
  'proposal, a preview': of(previewed({ rows: 12, first: [{ id: 1, name: 'Ada' }] })),
  'proposal, a preview of nothing': of(previewed(null)),
  'proposal, 60 lines': of(
    asking({ order: 'A-4711', notes: Array.from({ length: 60 }, (_, n) => `note ${String(n)}`) }),
  ),
  'proposal, too long for the Web UI': of(asking({ text: 'all work and no play '.repeat(1_200) })),
  'proposal, nested': of(
    asking({ deep: { list: [1, [2, [3]], { four: null }], flag: false }, text: 'a\ttab\nand a line' }),
  ),
  'proposal, hostile strings': of(
    asking(
      { text: HOSTILE.slice(0, 20).join('\n') },
      { title: HOSTILE[0]!, rationale: HOSTILE.slice(0, 20).join('\n') },
    ),
  ),
  'proposal, Markdown in the words': of(
    asking(
      { text: '**bold** `code` <b>x</b> [a](http://b)' },
      { title: '# A heading', rationale: '```\nfenced\n``` and <script>alert(1)</script>' },
    ),
  ),
  'proposal, ids with blanks and quotes': of(open(), {
    workflowId: "it's a $(trap) #1",
    root: { workflowId: "it's a $(trap) #1", firstRunId: 'run-1' },
  }),
  'proposal, an undo': of(
    stepGate('migrate', release(1, 'executed'), { undo: { action: 'restore', args: { step: 'migrate' } } }),
  ),
  'proposal, none': of(unable()),
  'proposal, none, at VERIFY': of(unable({ confirmation: 'VERIFY' })),
  'proposal, none, closed': of(callOff(unable(), 'called off')),
};

const revisions: Readonly<Record<string, Scene>> = {
  'revision 2, edited': of(after(open(TWO), edit('ana', 7))),
  'revision 2, a text reworded': of(after(asking(NOTE), asEdit('ana', REWORDED))),
  'revision 2, a long text reworded': of(
    after(
      asking(LETTER),
      asEdit('ana', { ...LETTER, text: LETTER.text.replace('line 30 of', 'line thirty of') }),
    ),
  ),
  'revision 2, a text and a number': of(
    after(asking({ ...NOTE, amount: 40 }), asEdit('ana', { ...REWORDED, amount: 20 })),
  ),
  'revision 2, nothing but the revision': of(after(open(TWO), edit('ana', 40)), { diff: [] }),
  'revision 2, which the reader has seen': {
    ...of(after(open(TWO), edit('ana', 7))),
    saw: packetIn(after(open(TWO), edit('ana', 7))),
  },
  'revision 2, of which the reader saw the first': {
    ...of(after(open(TWO), edit('ana', 7))),
    saw: packetIn(open(TWO)),
  },
  'revision 3, of which the reader saw the first': {
    ...of(after(open(TWO), edit('ana', 7), edit('bo', 5))),
    saw: packetIn(open(TWO)),
  },
  'sent back to the agent': of(after(open(), revise('ana', 'ask for less'))),
  'revision 2, by the agent': of(reproposed({ order: 'A-4711', amount: 20 })),
};

const levels: Readonly<Record<string, Scene>> = {
  'a level, waited for': of(passedUp),
  'a level, its own gate': of(openLevel(passedUp, LATER)),
  'a level, passed up by a person': of(after(open(BOTH), escalateTo('ana'))),
  'a level, it rejected': of(through(waitingAbove(), [reject('mia')])),
  'a level, it approved': of(through(waitingAbove(), [approve('mia')])),
  'a level, its gate has closed': of(after(openLevel(waitingAbove(), LATER), at(LATER, reject('mia')))),
  'a ladder, its first agent is asked': agents('AGENT'),
  'a ladder, the next one is asked': {
    packet: { ...agents('SENIOR_AGENT').packet, waitingFor: 'a worker that can reach the model' },
  },
  'a ladder, people are asked': of(expire(open(ladder()), OPENED + 5 * HOUR), {
    escalations: [
      {
        from: 'AGENT',
        to: 'SENIOR_AGENT',
        reason: 'confidence 0.4 is under 0.8',
        at: '2026-03-02T09:00:01.000Z',
      },
      {
        from: 'SENIOR_AGENT',
        to: 'HUMAN',
        reason: 'sensitive\nsigned nobody',
        at: '2026-03-02T09:00:02.000Z',
      },
    ],
  }),
};

const ends: Readonly<Record<string, Scene>> = {
  'before anything, the agent is asked': bare({}),
  'before anything, the store is away': bare({ waitingFor: 'the audit store does not answer' }),
  'before anything, closed': bare({
    status: 'closed',
    outcome: 'failed',
    reason: 'INVALID_INPUT: task is missing',
  }),
  approved: of(approved()),
  executing: of(startExecuting(approved())),
  'closed, executed': of(closeAfterApproval(startExecuting(approved()), 'executed')),
  'closed, approved': of(closeAfterApproval(approved(), 'approved')),
  'closed, released': of(closeAfterApproval(approved(), 'approved'), { outcome: 'released' }),
  'closed, failed': of(
    closeAfterApproval(startExecuting(approved()), 'failed', 'the payment service answered 503'),
  ),
  'closed, rejected': of(after(open(), reject('ana'))),
  'closed, rejected by two': of(after(open(TWO), reject('ana'), reject('bo'))),
  'closed, answered': of(after(open(), respond('ana'))),
  'closed, expired': of(expire(open(), OPENED + 5 * HOUR)),
  'closed, called off': of(callOff(open(), 'the order was cancelled')),
  'closed, terminated': of(open(), {
    status: 'closed',
    closedBy: 'TERMINATED',
    reason: 'somebody has ended it',
    verdicts: [],
  }),
  'closed, timed out': of(open(), { status: 'closed', closedBy: 'TIMED_OUT', verdicts: [] }),
};

const plans: Readonly<Record<string, Scene>> = {
  'a plan, not begun': plan(release(0)),
  'a plan, its second step is asked': plan(release(1, 'executed'), {
    status: 'waiting',
    waitingOn: 'release/migrate',
  }),
  'a plan, done': plan(release(4, 'executed', 'executed', 'approved', 'answered'), {
    status: 'closed',
    outcome: 'executed',
  }),
  'a plan, one step is taken back': plan(TAKING_BACK, {
    status: 'waiting',
    gate: 'undo/migrate',
    waitingOn: 'release/undo/migrate',
  }),
  'a plan, taken back': plan(TAKING_BACK, {
    status: 'closed',
    outcome: 'rejected',
    reason: 'step announce was rejected',
  }),
  'a plan, 300 steps': plan(long(150), { status: 'waiting', waitingOn: 'release/shard-150' }),
  'a plan, terminated': plan(release(1, 'executed'), { status: 'closed', closedBy: 'TERMINATED' }),
  'a step, the first': of(stepGate('backup', release(0))),
  'a step, in the middle': of(stepGate('deploy', release(2, 'executed', 'rejected'))),
  'a step, one of 300': of(stepGate('shard-150', long(150))),
  'a step, closed': of(after(stepGate('deploy', release(2, 'executed', 'executed')), reject('ana'))),
  'a step, taken back': of(stepGate('undo/migrate', TAKING_BACK)),
};

export const SCENES: Readonly<Record<string, Scene>> = {
  ...asked,
  ...proposals,
  ...revisions,
  ...levels,
  ...ends,
  ...plans,
};

/** An edit that gives all of the args. */
function asEdit(who: string, args: JsonObject): Said {
  const said = edit(who);
  return (gate, nth) => ({ ...said(gate, nth), decision: { ...said(gate, nth).decision, args } });
}

/** Sent back by ana, and asked for less by the agent. */
function reproposed(args: JsonObject): Gate {
  const gate = after(open(TWO), revise('ana', 'ask for less'));
  if (gate.status !== 'proposing') throw new Error(`it is ${gate.status}`);
  return repropose(
    gate,
    { proposal: proposal(args), policy: TWO, assessment: assessed(args), by: 'AGENT (a model)' },
    OPENED + HOUR,
  );
}
