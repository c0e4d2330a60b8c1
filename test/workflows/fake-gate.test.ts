/**
 * A gate that is none: somebody's own workflow, on a queue of his own, which sets our search attributes and answers as a gate would. The
 * inbox lists it, as it lists whatever visibility has; nothing executes by it, and what a person signs for it counts nowhere else.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Worker } from '@temporalio/worker';
import type { Packet } from '../../src/client';
import type { Decision } from '../../src/domain/gate/decision';
import { digestOf } from '../../src/domain/digest';
import { shownOfPacket } from '../../src/domain/packet';
import { privateKeyFile } from '../../src/signing';
import { temporaryDirectory, until } from '../support/app';
import { cli } from '../support/cli-person';
import { DIRECTORY, pair } from '../support/reviewers';
import { verifies } from '../../src/providers/reviewers/verify';
import { workflowBundle } from '../support/workflow-bundle';
import { startWorkflowEnv, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;
let stranger: Worker;
let running: Promise<void>;
/** A genuine gate, and ana's key file. */
let victim: Packet;
let key: string;
const folder = temporaryDirectory();

beforeAll(async () => {
  env = await startWorkflowEnv([], undefined, { reviewers: DIRECTORY });
  stranger = await Worker.create({
    connection: env.native,
    taskQueue: 'stranger',
    workflowBundle: await workflowBundle(path.join(__dirname, '../support/workflow-fake.ts')),
  });
  running = stranger.run();
  key = path.join(folder.path, 'ana.pem');
  writeFileSync(key, privateKeyFile({ privateKeyPem: pair('ana-1').private, keyId: 'ana-1' }), {
    mode: 0o600,
  });
  const level = {
    kind: 'people' as const,
    name: 'HUMAN',
    approvers: { people: ['ana'] },
    respondWithin: '1 hour',
  };
  victim = await env.opened({ policy: { confirmation: 'CONFIRM', levels: [level] } });
});
afterAll(async () => {
  stranger.shutdown();
  await running;
  await env.stop();
  folder.remove();
});

let nth = 0;
/** One that shows what the genuine one shows, but for what is said otherwise. */
async function faked(
  change: (workflowId: string, runId: string) => Partial<Packet>,
  workflowId = `fake-${String(++nth)}`,
) {
  const handle = await env.client.workflow.start('fake', {
    taskQueue: 'stranger',
    workflowId,
    args: [{ ...victim, workflowId, ...change(workflowId, 'its-first-run') }],
  });
  await until(
    async () => {
      const ids: string[] = [];
      for await (const one of env.countersign.list({ reviewer: 'ana' })) ids.push(one.workflowId);
      return ids;
    },
    (ids) => ids.includes(workflowId),
  );
  return {
    workflowId,
    /** What it was sent. */
    async caught(): Promise<Decision[]> {
      await handle.signal('over');
      return (await handle.result()) as Decision[];
    },
  };
}
const approve = (workflowId: string, digest: string | undefined, ...more: string[]) =>
  cli(
    { countersign: env.countersign },
    ['approve', workflowId, '--digest', digest ?? '', '--reviewer', 'ana', '--json', ...more],
    { data: folder.path },
  );
const untouched = async () => {
  expect(await env.countersign.show(victim.workflowId)).toMatchObject({ status: 'open', signatures: [] });
  expect(env.actions.runs['ship']).toBeUndefined();
};

test('the inbox lists it beside the genuine one: it shows what visibility has, and vouches for nothing', async () => {
  const { workflowId, caught } = await faked(() => ({}));
  const { out } = await cli({ countersign: env.countersign }, ['inbox', '--json'], { data: folder.path });
  expect((JSON.parse(out) as { workflowId: string }[]).map((one) => one.workflowId)).toEqual(
    expect.arrayContaining([workflowId, victim.workflowId]),
  );
  expect(await caught()).toEqual([]);
});

/** A question of its own, in whose name everything fits together. */
function itsOwn(workflowId: string, firstRunId: string): Partial<Packet> {
  const root = { workflowId, firstRunId };
  const digest = digestOf({ ...root, gate: victim.gate, revision: 1, ...victim.proposal! });
  const packet = { ...victim, workflowId, root, digest };
  return { ...packet, shown: shownOfPacket(packet)! };
}

test('a question of its own: what ana signs for it is good there alone, and nothing runs', async () => {
  const { workflowId, caught } = await faked(itsOwn);
  const { digest } = itsOwn(workflowId, 'its-first-run');
  expect((await approve(workflowId, digest, '--key', key)).code).toBe(0);
  const [decision] = await caught();
  const { root, gate, level } = victim;
  const where = { deployment: 'default', gate, level: level! };
  expect(
    verifies(DIRECTORY, { ...where, root: { workflowId, firstRunId: 'its-first-run' } }, decision!),
  ).toBe(true);
  expect(verifies(DIRECTORY, { ...where, root: root! }, decision!)).toBe(false);
  await expect(env.countersign.decide(victim.workflowId, decision!)).resolves.toMatchObject({
    code: 'STALE_REVISION',
  });
  await expect(
    env.countersign.decide(victim.workflowId, {
      ...decision!,
      id: 'moved',
      digest: victim.digest!,
      shown: victim.shown!,
    }),
  ).resolves.toMatchObject({ code: 'BAD_SIGNATURE' });
  await untouched();
});

describe('it passes a genuine question off as its own: nothing is signed', () => {
  test.each<[string, (packet: Packet) => Partial<Packet>]>([
    ['whole, with the genuine root', () => ({})],
    ['whole, with the genuine workflow’s id', ({ workflowId }) => ({ workflowId })],
    ['under a harmless title', ({ proposal }) => ({ proposal: { ...proposal!, title: 'Nothing much' } })],
    [
      'under a harmless title, with the hash of that',
      (packet) => {
        const proposal = { ...packet.proposal!, title: 'Nothing much' };
        return { proposal, shown: shownOfPacket({ ...packet, proposal })! };
      },
    ],
    [
      'with harmless args under the genuine digest',
      ({ proposal }) => ({ proposal: { ...proposal!, args: { order: 'A-7', units: 1 } } }),
    ],
  ])('%s', async (_, change) => {
    const { workflowId, caught } = await faked(() => change(victim));
    for (const command of ['approve', 'sign']) {
      const argv = [
        ...(command === 'sign'
          ? ['sign', workflowId, '--verdict', 'approve']
          : ['approve', workflowId, '--json']),
        ...['--digest', victim.digest!, '--reviewer', 'ana', '--key', key],
      ];
      const {
        code: exit,
        out,
        err,
      } = await cli({ countersign: env.countersign }, argv, { data: folder.path });
      expect({ exit: exit !== 0, said: out + err }).toEqual({
        exit: true,
        said: expect.stringContaining('ROOT_OTHERWISE: '),
      });
    }
    expect(await caught()).toEqual([]);
    await untouched();
  });
});

test('an approval that nobody signed, caught by it, counts nowhere that signatures are asked for', async () => {
  const { workflowId, caught } = await faked(() => ({ authentication: 'open' }));
  expect((await approve(workflowId, victim.digest)).code).toBe(0);
  const [decision] = await caught();
  expect(decision).not.toHaveProperty('signature');
  await expect(env.countersign.decide(victim.workflowId, decision!)).resolves.toMatchObject({
    code: 'UNAUTHENTICATED',
  });
  await untouched();
});
