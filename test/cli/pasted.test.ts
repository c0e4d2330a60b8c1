/**
 * Whoever may start a workflow names it, and whoever decides has a key. So every command that is advised anywhere is pasted here
 * into real shells: it runs once, as we meant it, with the id as it is, and nothing else runs.
 */
import { join } from 'node:path';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { CountersignError, type Escalations, type Packet, type PlanSteps } from '../../src/client';
import { escalationsOf } from '../../src/client/escalations';
import { Server } from '../../src/client/server';
import { stepsOf } from '../../src/client/steps';
import { append, openChain, type Fact } from '../../src/domain/audit';
import { packetOf } from '../../src/domain/packet';
import type { PlanView } from '../../src/domain/plan-view';
import type { AuditStore } from '../../src/store/audit-store';
import { details } from '../../src/workflows/details';
import { open } from '../domain/given';
import { cli } from '../support/cli-person';
import { SEED } from '../support/forged';
import { fakeTemporal } from '../support/fake-temporal';
import { raw } from '../support/hostile';
import { idOf, openShell, SHELLS } from '../support/pasted';

const shell = openShell();
const { IDS, CANARY, pasted } = shell;
afterAll(() => {
  shell.close();
});
const at = (name: string) => join(shell.directory, name);

it('without our quotes, or in some of one’s own, the commands in them run', () => {
  const hostile = Object.values(IDS).filter((id) => id.includes(CANARY));
  expect(hostile).toHaveLength(8);
  const naive = hostile.map((id) =>
    pasted(
      '/bin/sh',
      [id, `"${id}"`, `'${id}'`].map((word) => `countersign show ${word}`),
    ),
  );
  expect(naive.map((ran) => ran.some(({ canary }) => canary))).toEqual(hostile.map(() => true));
});

const { plan: _, ...base } = packetOf(open());
const gate = (workflowId: string, more: Partial<Packet> = {}): Packet => ({
  ...base,
  workflowId,
  root: { workflowId, firstRunId: 'r' },
  ...more,
});
const signed = (id: string) => gate(id, { authentication: 'signed' });
const waiting = (id: string) => gate('p', { status: 'waiting', waitingOn: id, verdicts: [] });
const changes = [
  { op: 'removed', text: 'x' },
  { op: 'same', text: 'word '.repeat(400) },
] as const;
const reworded: Partial<Packet> = {
  revision: 2,
  diff: [{ op: 'replace', path: '/args/text', value: 'x' }],
  words: [{ path: '/args/text', changes }],
};
const large: Partial<Packet> = { diff: [{ op: 'add', path: '/args/x', value: 'x'.repeat(19_000) }] };
const plan: PlanView = {
  onReject: 'stop',
  at: 10,
  steps: Array.from({ length: 30 }, (__, index) => ({ name: `s${String(index)}`, about: 'x' })),
};
const planned = (id: string): Packet => {
  const { proposal, policy, digest, level, ...rest } = gate(id);
  expect([proposal, policy, digest, level]).not.toContain(undefined);
  return { ...rest, status: 'waiting', plan, waitingOn: id, verdicts: [] };
};

const AT = '2026-03-02T09:00:00.000Z';
const climbed = (workflowId: string): Escalations => ({
  ...{ workflowId: 'p', type: 'escalation', status: 'RUNNING', started: AT },
  levels: [{ name: 'HUMAN', kind: 'people', workflowId, runId: 'r', started: AT, status: 'RUNNING' }],
});
const stepping = (workflowId: string): PlanSteps => ({
  ...{ workflowId: 'p', status: 'waiting', onReject: 'stop', at: 0 },
  steps: [{ number: 1, name: 'a', about: 'a', workflowId }],
  underWay: { step: 'a', takingBack: false },
  current: gate(workflowId),
});
/** Another workflow's chain tells of the one that is asked for. */
const store = (by: string): AuditStore => {
  const root = { workflowId: by, firstRunId: 'r' };
  const of = { workflowId: 'gone', firstRunId: 'r' };
  const at = '2026-03-02T09:00:00.000Z';
  const found: Fact = { type: 'found-ended', of, runId: 'r', status: 'TERMINATED', closedAt: at };
  const [entry] = append(openChain(root, SEED), found, at).pending;
  return {
    entries: async () => [],
    async *chains() {
      yield [{ ...root, ...entry! }];
    },
    close: async () => undefined,
  } as unknown as AuditStore;
};
const NO_CLIENT = {} as unknown as Client;
/** A server that knows one workflow, of that type. */
const typed = (type: string, workflowId: string): Server => {
  const described = { type, workflowId, raw: {}, memo: {} } as unknown as WorkflowExecutionDescription;
  return Object.assign(new Server(NO_CLIENT, 1), { describe: async () => described });
};
const unasked = () => Promise.reject(new Error('no gate is asked here'));
async function stuck(id: string): Promise<never> {
  const grpc = { code: 9, details: 'the workflow is in a failed state', metadata: {} };
  throw await new Server(NO_CLIENT, 1).explained(id, Object.assign(new Error(grpc.details), grpc));
}

/** What our command line says, against a server that answers so. */
async function said(argv: readonly string[], answers: object, from?: AuditStore): Promise<string> {
  const fake = fakeTemporal();
  Object.assign(fake.countersign, { status: async () => ({ status: 'RUNNING' }) }, answers);
  const person = { data: at('data'), ...(from === undefined ? {} : { store: from }) };
  const { out, err } = await cli(fake, argv, person);
  return out + err;
}
const shows = (packet: Packet) => ({ show: async () => packet, showAtEnd: async () => packet });
const DIGEST = ['--digest', base.digest ?? '', '--reviewer', 'ana'];
const APPROVE = ['approve', 'p', ...DIGEST];
const SIGN = ['sign', 'p', '--verdict', 'approve', '--key', at('key'), ...DIGEST];

/** Every code span of the Markdown that is a command, as a browser shows it to be copied. */
const spans = (markdown: string) =>
  [...markdown.matchAll(/(?<!`)(`+)(?!`)([^\n]*?[^`\n])\1(?!`)/g)]
    .map(([, , inner = '']) => inner.replace(/^ (.*) $/, '$1').replace(/ +/g, ' '))
    .filter((text) => /^(?:countersign|temporal) /.test(text));
/** The command of a sentence, as a person marks it between the words around it. */
const between = (pattern: RegExp) => (text: string) => pattern.exec(text)?.slice(1) ?? [];

type Place = readonly [
  where: string,
  say: (id: string) => string | Promise<string>,
  taken: (text: string) => string[],
];
const PLACES: readonly Place[] = [
  ['the Web UI: how to sign', (id) => details(signed(id)), spans],
  ['the Web UI: words as they were', (id) => details(gate(id, reworded)), spans],
  ['the Web UI: what changed', (id) => details(gate(id, large)), spans],
  ['the Web UI: all of it', (id) => details(gate(id, { preview: 'x'.repeat(20_000) })), spans],
  ['the Web UI: all steps, in the plan', (id) => details(planned(id)), spans],
  ['the Web UI: all steps, at one of them', (id) => details(gate(id, { plan })), spans],
  [
    'audit show: who tells of it',
    (id) => said(['audit', 'show', 'gone'], {}, store(id)),
    between(/tells: `(.*)`$/m),
  ],
  [
    'show: where to decide',
    (id) => said(['show', 'p'], shows(planned(id))),
    between(/as it is asked \((.*)\)$/m),
  ],
  ['show: all steps', (id) => said(['show', 'p'], shows(planned(id))), between(/out here; (.*) lists all$/m)],
  [
    'show: words as they were',
    (id) => said(['show', 'p'], shows(gate(id, reworded))),
    between(/as they were; (.*) has them/),
  ],
  [
    'steps: where to decide',
    (id) => said(['steps', 'p'], { steps: async () => stepping(id) }),
    between(/^decide on .*? \((countersign .*)\)$/m),
  ],
  [
    'escalations: who is asked',
    (id) => said(['escalations', 'p'], { escalations: async () => climbed(id) }),
    between(/is asked \((.*)\) {2}/),
  ],
  ['approve: who is asked', (id) => said(APPROVE, shows(waiting(id))), between(/: `(.*)`, or --follow$/m)],
  [
    'approve: how to sign',
    (id) => said(APPROVE, shows(signed(id))),
    between(/sign elsewhere with `(.*)`; nothing/),
  ],
  [
    'approve: what to read',
    (id) => said(['approve', 'p', '--reviewer', 'ana'], shows(gate(id))),
    between(/from `(.*)`$/m),
  ],
  ['sign: who is asked', (id) => said(SIGN, shows(waiting(id))), between(/: `(.*)`$/m)],
  [
    'steps, of no plan',
    (id) => said(['steps', 'p'], { steps: () => stepsOf(typed('confirm', id), unasked, id) }),
    between(/; `(.*)` tells what/),
  ],
  [
    'escalations, of a plan',
    (id) =>
      said(['escalations', 'p'], {
        escalations: () => escalationsOf(typed('multiStepApproval', id), unasked, id),
      }),
    between(/has levels of its own; `(.*)` names them/),
  ],
  [
    'show: why its task fails',
    (id) => said(['show', 'p'], { show: () => stuck(id) }),
    between(/again; `(.*)` says why/),
  ],
];

it.each(PLACES)('%s', async (__, say, taken) => {
  const lines: string[] = [];
  for (const id of Object.values(IDS)) {
    const text = await say(id);
    expect(raw(text)).toEqual([]);
    const found = taken(text);
    expect({ text, found: found.length }).toEqual({ text, found: 1 });
    lines.push(...found);
  }
  for (const one of SHELLS)
    expect(
      pasted(one, lines).map(({ calls, canary }, index) => ({
        line: lines[index],
        ids: calls.map(idOf),
        canary,
      })),
    ).toEqual(Object.values(IDS).map((id, index) => ({ line: lines[index], ids: [id], canary: false })));
});

it('our own parser takes the id for what it is, whatever it begins with', async () => {
  const seen: string[] = [];
  const asked = (id: string) => {
    seen.push(id);
    return Promise.reject(new CountersignError('NOT_FOUND', id));
  };
  const entries = async (id: string) => (seen.push(id), []);
  for (const id of Object.values(IDS)) {
    const advised = [
      ...spans(details(signed(id))),
      ...spans(details(planned(id))),
      ...(await Promise.all(
        [said(['audit', 'show', 'gone'], {}, store(id)), said(APPROVE, shows(waiting(id)))].map(
          async (text) => /`(countersign .*)`/.exec(await text)?.[1] ?? '',
        ),
      )),
    ];
    seen.length = 0;
    for (const { calls } of pasted('/bin/sh', advised))
      await said(
        (calls[0] ?? []).slice(1),
        { show: asked, showAtEnd: asked, steps: asked },
        {
          ...store('other'),
          entries,
        },
      );
    expect(seen).toEqual(advised.map(() => id));
    expect(seen).toHaveLength(4);
  }
});

it('what no shell can be given is shown by its code, and names nothing', () => {
  const lines = ['x\n', 'x\0y'].flatMap((id) => spans(details(signed(id))));
  const ran = pasted('/bin/sh', lines);
  expect(ran.map(({ calls }) => calls.map(idOf))).toEqual([['x‹U+000A›'], ['x‹U+0000›y']]);
});
