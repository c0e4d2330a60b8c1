/** What plans, reviews and ladders cost, parent and children together, beside the workflow one would write by hand for the same job. */
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Packet } from '../../src/client';
import { ARGS, type Bench } from './bench';
import { counts, type Counts } from './measure';
import { pause } from './paths';
import { table } from './report';
import { approveSignal, askedQuery } from './workflows';

interface Path {
  readonly what: string;
  /** Answers the workflow id. */
  readonly ours: (bench: Bench) => Promise<string>;
  readonly byHand: (bench: Bench) => Promise<string>;
}

type Said = readonly [below: string, more?: object];

const order = (name: string) => ({ ...ARGS, at: `${name}-${randomUUID()}` });
const proposal = (name: string) => ({
  action: 'ship',
  args: order(name),
  title: `Ship ${name}`,
  rationale: 'It is paid.',
  confidence: 0.9,
  sensitive: false,
});
const POLICY = {
  confirmation: 'CONFIRM',
  levels: [{ name: 'HUMAN', approvers: { people: ['*'] }, respondWithin: '1 day' }],
};
const NO = { verdict: 'reject', comment: 'not today' };
const given = (name: string) => ({ name, proposal: proposal(name) });
const proposed = (name: string) => ({ name, task: `propose: ${JSON.stringify(proposal(name))}` });
const undoable = (name: string) => ({
  ...given(name),
  undo: { action: 'ship', args: order(`${name}-back`) },
});

const PATHS: readonly Path[] = [
  {
    what: 'three given steps, each approved and executed',
    ours: plan({ steps: ['a', 'b', 'c'].map(given) }, [['a'], ['b'], ['c']]),
    byHand: floor('floorPlan', [3, false, 0], 3),
  },
  {
    what: 'the same, each proposed by an agent',
    ours: plan({ steps: ['a', 'b', 'c'].map(proposed) }, [['a'], ['b'], ['c']]),
    byHand: floor('floorPlan', [3, true, 0], 3),
  },
  {
    what: 'three given steps, the last one rejected, two taken back',
    ours: plan({ onReject: 'undo', steps: ['a', 'b', 'c'].map(undoable) }, [['a'], ['b'], ['c', NO]]),
    byHand: floor('floorPlan', [2, false, 2], 3),
  },
  {
    what: 'an output of an agent, approved',
    ours: async (bench) => {
      const id = await start(bench, 'generateAndReview', {
        task: 'answer: We ship on Monday.',
        policy: POLICY,
      });
      await says(bench, id, {}, 1);
      return done(bench, id);
    },
    byHand: floor('floorReview', [1], 1),
  },
  {
    what: 'the same, sent back once',
    ours: async (bench) => {
      const id = await start(bench, 'generateAndReview', {
        task: 'answer: We ship on Monday.',
        policy: POLICY,
      });
      await says(bench, id, { verdict: 'revise', comment: 'answer: We ship on Tuesday.' }, 1);
      await says(bench, id, {}, 2);
      return done(bench, id);
    },
    byHand: floor('floorReview', [2], 2),
  },
  {
    what: 'a ladder: AGENT is sure',
    ours: ladder('answer: Monday\nconfidence: 0.9', []),
    byHand: floor('floorLadder', [1, 0], 0),
  },
  {
    what: 'a ladder: SENIOR_AGENT is sure',
    ours: ladder('answer: Monday\nconfidence: 0.9\nAGENT.confidence: 0.41', []),
    byHand: floor('floorLadder', [2, 0], 0),
  },
  {
    what: 'a ladder: HUMAN approves the answer',
    ours: ladder('answer: Monday\nconfidence: 0.41', [['HUMAN']]),
    byHand: floor('floorLadder', [2, 1], 1),
  },
  {
    what: 'a ladder: HUMAN passes it up, MANAGER approves it',
    ours: ladder('answer: Monday\nconfidence: 0.41', [
      ['HUMAN', { verdict: 'escalate', comment: 'above me' }],
      ['MANAGER', { reviewer: 'mo' }],
    ]),
    byHand: floor('floorLadder', [2, 2], 2),
  },
];

async function start(bench: Bench, type: string, argument: object): Promise<string> {
  const id = `${type}-${randomUUID()}`;
  await bench.countersign.start(type, { v: 1, requester: 'rita', ...argument }, id);
  return id;
}

function plan(argument: object, said: readonly Said[]): Path['ours'] {
  return async (bench) =>
    saidBelow(bench, await start(bench, 'multiStepApproval', { policy: POLICY, ...argument }), said);
}

function ladder(task: string, said: readonly Said[]): Path['ours'] {
  return async (bench) => saidBelow(bench, await start(bench, 'escalation', { task }), said);
}

async function saidBelow(bench: Bench, id: string, said: readonly Said[]): Promise<string> {
  for (const [below, more] of said) {
    while ((await bench.countersign.show(id)).waitingOn !== `${id}/${below}`) await pause(20);
    await says(bench, `${id}/${below}`, more ?? {}, 1);
  }
  return done(bench, id);
}

async function says({ countersign }: Bench, id: string, more: object, revision: number): Promise<void> {
  let packet: Packet;
  do {
    await pause(20);
    packet = await countersign.show(id);
  } while (packet.status !== 'open' || packet.revision !== revision);
  const decision = { digest: packet.digest ?? '', verdict: 'approve' as const, reviewer: 'ana', ...more };
  await countersign.send(id, decision);
}

async function done({ countersign }: Bench, id: string): Promise<string> {
  await countersign.result(id);
  return id;
}

function floor(type: string, args: readonly unknown[], signals: number): Path['byHand'] {
  return async ({ client, floorQueue: taskQueue }) => {
    const workflowId = `${type}-${randomUUID()}`;
    const handle = await client.workflow.start(type, {
      taskQueue,
      workflowId,
      args: [...args, randomUUID()],
    });
    for (let sent = 0; sent < signals; sent += 1) {
      while ((await handle.query(askedQuery)) <= sent) await pause(20);
      await handle.signal(approveSignal, 'ana');
    }
    await handle.result();
    return workflowId;
  };
}

/** Of a workflow and everything that it has started. */
async function costOf(bench: Bench, workflowId: string): Promise<Counts & { readonly workflows: number }> {
  const own = await counts(bench, workflowId);
  const { events } = await bench.client.workflow.getHandle(workflowId).fetchHistory();
  let all = { ...own, workflows: 1 };
  for (const { startChildWorkflowExecutionInitiatedEventAttributes: child } of events ?? []) {
    if (child?.workflowId == null) continue;
    const below = await costOf(bench, child.workflowId);
    all = {
      events: all.events + below.events,
      actions: all.actions + below.actions,
      tasks: all.tasks + below.tasks,
      workflows: all.workflows + below.workflows,
    };
  }
  return all;
}

const HEADING = '## Plans, reviews and ladders';

export async function sequences(bench: Bench, say: (text: string) => void): Promise<string> {
  const rows: (string | number)[][] = [];
  for (const { what, ours, byHand } of PATHS) {
    say(`costs: ${what}`);
    const [mine, floored] = [
      await costOf(bench, await ours(bench)),
      await costOf(bench, await byHand(bench)),
    ];
    rows.push([what, floored.events, mine.events, floored.actions, mine.actions, mine.workflows]);
  }
  const head = [
    'path',
    'events by hand',
    'events, ours',
    'actions by hand',
    'actions, ours',
    'workflows, ours',
  ];
  return `${HEADING}

Parent and children together; exact. By hand it is one workflow: signals with a timer, activities one after the other, no record, no inbox, no digest.

${table(head, rows)}
`;
}

/** Puts the section into a report that was written before, in the place of the one that is there. */
export function intoReport(file: string, section: string): void {
  const [before = ''] = readFileSync(file, 'utf8').split(`\n${HEADING}\n`);
  writeFileSync(file, `${before.trimEnd()}\n\n${section}`);
}
