/** People with keys sign a plan at their own command line: every step that can be taken back, at the first level and at the next. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Packet } from '../../src/client';
import { privateKeyFile } from '../../src/signing';
import { until } from '../support/app';
import { cli, type Answer } from '../support/cli-person';
import { DIRECTORY, pair } from '../support/reviewers';
import { SHIP, startWorkflowEnv, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;
beforeAll(async () => {
  env = await startWorkflowEnv([], undefined, { reviewers: DIRECTORY });
  mkdirSync(path.join(env.directory, 'keys'));
  for (const name of ['ana', 'mo'])
    writeFileSync(
      keyOf(name),
      privateKeyFile({ privateKeyPem: pair(`${name}-1`).private, keyId: `${name}-1` }),
      {
        mode: 0o600,
      },
    );
});
afterAll(() => env.stop());

const keyOf = (name: string) => path.join(env.directory, 'keys', `${name}.pem`);
const ran = (argv: readonly string[], answers?: readonly Answer[]) =>
  cli(env, argv, {
    data: env.directory,
    size: { rows: 200, columns: 100 },
    ...(answers === undefined ? {} : { answers }),
  });
/** What each of them says of a gate, without a terminal. */
const by = (name: string, { workflowId, digest = '' }: Packet) => [
  ...[workflowId, '--digest', digest, '--reviewer', name],
  ...['--key', keyOf(name)],
];

const step = (name: string) => ({
  name,
  proposal: { ...SHIP, args: { order: name, units: 1 }, title: `Ship ${name}` },
  undo: { action: 'ship', args: { order: `${name}-back`, units: 1 } },
});
const level = (name: string, person: string) => ({
  name,
  approvers: { people: [person] },
  respondWithin: '1 hour',
});
const policy = { confirmation: 'CONFIRM', levels: [level('HUMAN', 'ana'), level('MANAGER', 'mo')] };

async function asked(plan: string, name: string): Promise<Packet> {
  const [first = ''] = name.split('/');
  await env.until(plan, ({ waitingOn }) => waitingOn === `${plan}/${first}`);
  const packet = await env.until(`${plan}/${name}`, ({ status }) => status === 'open');
  expect(packet).toMatchObject({ authentication: 'signed', undo: { args: { order: `${first}-back` } } });
  return packet;
}

test('approve, escalate, sign, review and reject with a key: each is admitted, and what was signed is taken back', async () => {
  const steps = ['a', 'b', 'c', 'd'].map(step);
  const { workflowId: plan } = await env.countersign.start(
    'multiStepApproval',
    { v: 1, requester: 'rita', policy, onReject: 'undo', steps },
    'signed-plan',
  );
  const admitted = (at: string) => ({ code: 0, out: `admitted on revision 1 of ${plan}/${at}\n`, err: '' });
  const passedUp = async (name: string) => {
    const up = await ran(['escalate', ...by('ana', await asked(plan, name)), '--comment', 'above me']);
    expect(up).toMatchObject(admitted(name));
    return asked(plan, `${name}/MANAGER`);
  };

  // The first level, sent at once.
  expect(await ran(['approve', ...by('ana', await asked(plan, 'a'))])).toMatchObject(admitted('a'));

  // The next level's own workflow: signed here, and sent by other means.
  const above = await passedUp('b');
  const printed = await ran(['sign', ...by('mo', above), '--verdict', 'approve']);
  expect(printed).toMatchObject({ code: 0 });
  await env.countersign.send(above.workflowId, JSON.parse(printed.out));

  // The same level, from the walk through one's inbox.
  const { workflowId: third } = await passedUp('c');
  await listed('mo', third);
  const walk = await ran(['review', '--reviewer', 'mo', '--key', keyOf('mo')], ['a', 'y']);
  expect(walk).toMatchObject({ code: 0, out: `${admitted('c/MANAGER').out}\n1 decided: 1 approve\n` });

  const last = await asked(plan, 'd');
  const no = await ran(['reject', ...by('ana', last), '--comment', 'not that']);
  expect(no).toMatchObject(admitted('d'));

  const ended = await env.countersign.result(plan);
  expect(ended).toMatchObject({ outcome: 'rejected', approvals: [true, true, true, false] });
  const effects = (await env.actions.effects()).map(({ what }) => what);
  expect(effects.sort()).toEqual(['a', 'a-back', 'b', 'b-back', 'c', 'c-back'].map((name) => `${name} × 1`));
});

/** Visibility comes a moment later than the gate. */
async function listed(reviewer: string, workflowId: string): Promise<void> {
  await until(
    async () => {
      const ids: string[] = [];
      for await (const item of env.countersign.list({ reviewer })) ids.push(item.workflowId);
      return ids;
    },
    (ids) => ids.length === 1 && ids[0] === workflowId,
  );
}
