/** The CLI at a real terminal, in a pipe, and where things go wrong. */
import { createServer, type Server } from 'node:net';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { COUNTERSIGN, run, startApp, temporaryDirectory, until, type App, type Ran } from '../support/app';
import { terminal, type Terminal } from '../support/terminal';

const directory = temporaryDirectory();
let app: App;
let env: NodeJS.ProcessEnv;
const open: Terminal[] = [];

beforeAll(async () => {
  app = await startApp({ data: directory.path });
  const unset = ['NO_COLOR', 'FORCE_COLOR', 'CI', 'COUNTERSIGN_PROMPTS'];
  env = Object.fromEntries(Object.entries(app.env).filter(([name]) => !unset.includes(name)));
  env['TERM'] = 'xterm';
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.kill();
});
afterAll(async () => {
  await app.stop();
  directory.remove();
});

const json = <T = Record<string, unknown>>(ran: Ran): T => JSON.parse(ran.out) as T;
const cli = (args: readonly string[], more: NodeJS.ProcessEnv = {}, input = '') =>
  run(process.execPath, [COUNTERSIGN, ...args], { ...env, ...more }, input);
const inShell = (line: string, more: NodeJS.ProcessEnv = {}) =>
  run('/bin/bash', ['-o', 'pipefail', '-c', line], {
    ...env,
    PATH: `${dirname(COUNTERSIGN)}:${env['PATH'] ?? ''}`,
    ...more,
  });
function at(args: readonly string[], more: NodeJS.ProcessEnv = {}): Terminal {
  const opened = terminal([process.execPath, COUNTERSIGN, ...args], { ...env, ...more });
  open.push(opened);
  return opened;
}

let count = 0;
async function proposed(task = 'answer: hello'): Promise<{ id: string; digest: string }> {
  const id = `comfort-${String(++count)}`;
  expect(await cli(['propose', task, '--id', id, '--requester', 'svc'])).toMatchObject({ code: 0 });
  return { id, digest: (await app.reaches(id, 'open')).digest ?? '' };
}
/** Once visibility has it, which comes a moment later. */
async function listed(id: string): Promise<void> {
  const client = await app.client();
  const there = async () => {
    for await (const { workflowId } of client.list()) if (workflowId === id) return true;
    return false;
  };
  await until(there, (found) => found);
}

const argument = { v: 1, task: 'answer: hello', requester: 'svc' };

describe('start', () => {
  it('takes the wire object from a file, from standard input, and as it stands', async () => {
    const file = join(directory.path, 'start.json');
    writeFileSync(file, JSON.stringify(argument));
    const ways: [string, string][] = [
      [file, ''],
      [`@${file}`, ''],
      ['-', JSON.stringify(argument)],
      [JSON.stringify(argument), ''],
    ];
    for (const [index, [input, stdin]] of ways.entries()) {
      const id = `start-${String(index)}`;
      const ran = await cli(
        ['start', 'proposeAndExecute', '--input', input, '--id', id, '--json'],
        {},
        stdin,
      );
      expect({ input, code: ran.code, ...json(ran) }).toEqual({
        input,
        code: 0,
        workflowId: id,
        runId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      });
      expect(await app.reaches(id, 'open')).toMatchObject({ proposal: { args: { output: 'hello' } } });
    }
  });

  it('checks ours before it is sent, and refuses what is not ours', async () => {
    const bad = JSON.stringify({ ...argument, taks: 1 });
    const cases: [string[], number, string][] = [
      [['proposeAndExecute', '--input', bad], 2, 'taks: unknown key'],
      [['proposeAndExecute', '--input', '{}'], 2, 'task'],
      [['proposeAndExecute', '--input', JSON.stringify(argument), '--id', 'start-0'], 1, 'is taken'],
      [['proposeAndExecute'], 2, '--input'],
      [['refundOrder', '--input', '{}'], 2, 'COUNTERSIGN_WORKFLOWS'],
      [['toString', '--input', '{}'], 2, 'is no workflow type'],
    ];
    for (const [args, code, says] of cases) {
      const ran = await cli(['start', ...args, '--json']);
      expect({ args, code: ran.code, message: json(ran)['message'] }).toEqual({
        args,
        code,
        message: expect.stringContaining(says) as string,
      });
    }
  });

  it('starts a type of one’s own where COUNTERSIGN_WORKFLOWS names them', async () => {
    const own = { COUNTERSIGN_WORKFLOWS: './workflows.ts' };
    const ran = await cli(
      ['start', 'refundOrder', '--input', '{"order":1042}', '--id', 'own-1', '--json'],
      own,
    );
    expect({ code: ran.code, ...json(ran) }).toMatchObject({ code: 0, workflowId: 'own-1' });
    const described = await app.workflow('describe', '-w', 'own-1', '-o', 'json');
    expect(described.out).toContain('"refundOrder"');
    expect(await app.workflow('terminate', '-w', 'own-1', '--reason', 'the test is over')).toMatchObject({
      code: 0,
    });
  });
});

describe('colours', () => {
  const ESC = '\u001b';
  let id = '';
  beforeAll(async () => {
    ({ id } = await proposed());
    await listed(id);
  });

  it.each([
    { more: {}, coloured: true },
    { more: { NO_COLOR: '1' }, coloured: false },
    { more: { NO_COLOR: '1', FORCE_COLOR: '1' }, coloured: false },
    { more: { FORCE_COLOR: '0' }, coloured: false },
    { more: { TERM: 'dumb' }, coloured: false },
    { more: { COUNTERSIGN_PROMPTS: 'plain' }, coloured: false },
  ])('at a terminal with $more: $coloured', async ({ more, coloured }) => {
    for (const args of [['show', id], ['inbox']]) {
      const shown = at(args, more);
      expect(await shown.ends()).toBe(0);
      expect(shown.shown()).toContain(id);
      expect({ args, escapes: shown.shown().includes(ESC) }).toEqual({ args, escapes: coloured });
    }
  });

  it.each([
    { more: {}, coloured: false },
    { more: { CI: 'true' }, coloured: false },
    { more: { FORCE_COLOR: '1' }, coloured: true },
  ])('in a pipe with $more: $coloured', async ({ more, coloured }) => {
    for (const args of [['show', id], ['inbox']])
      expect((await cli(args, more)).out.includes(ESC)).toBe(coloured);
  });
});

describe.each([{ COUNTERSIGN_PROMPTS: 'plain' }, { TERM: 'dumb' }])('plain, by %j', (more) => {
  /** Neither escapes nor drawing: what a screen reader reads out. */
  const PLAIN = /^[\r\n\t\x20-\x7e…]*$/;

  it('approves by a number', async () => {
    const { id } = await proposed();
    const shown = at(['approve', id, '--reviewer', 'ana'], more);
    await shown.sees('approve revision 1?\r\n1) approve\r\n2) send nothing\r\nType a number, 1 to 2: ');
    shown.types('y\n');
    await shown.sees('That is not a number from 1 to 2.');
    await shown.sees('Type a number');
    shown.types('1\n');
    expect(await shown.ends()).toBe(0);
    expect(shown.shown()).toContain(`admitted on revision 1 of ${id}`);
    expect(shown.shown()).toMatch(PLAIN);
    expect(await app.result(id)).toMatchObject({ outcome: 'approved' });
  });

  it('sends nothing for a 2, for Ctrl-D and for Ctrl-C; asks why a rejection', async () => {
    const { id } = await proposed();
    for (const [keys, ends] of [
      ['2\n', 1],
      ['\u0004', 1],
      ['\u0003', 130],
    ] as const) {
      const shown = at(['approve', id, '--reviewer', 'ana'], more);
      await shown.sees('Type a number, 1 to 2: ');
      shown.types(keys);
      expect({ keys, code: await shown.ends() }).toEqual({ keys, code: ends });
    }
    expect(await app.gate(id)).toMatchObject({ status: 'open', signatures: [] });
    const shown = at(['reject', id, '--reviewer', 'ana'], more);
    await shown.sees('Why? ');
    shown.types('wrong order\n');
    await shown.sees('1) reject');
    await shown.sees('Type a number');
    shown.types('1\n');
    expect(await shown.ends()).toBe(0);
    expect(await app.result(id)).toMatchObject({
      outcome: 'rejected',
      decisions: [{ comment: 'wrong order' }],
    });
  });

  it('tells the inbox line by line', async () => {
    const { id } = await proposed();
    await listed(id);
    const shown = at(['inbox'], more);
    expect(await shown.ends()).toBe(0);
    expect(shown.shown()).toMatch(PLAIN);
    expect(shown.shown()).toContain(
      `workflow: ${id}\r\n   level: HUMAN\r\n   action: answer\r\n   title (as the agent puts it): `,
    );
  });
});

it('drawn prompts: hidden lines are shown before the question, Enter alone approves nothing, y does', async () => {
  const { id } = await proposed();
  const long = `long-${id}`;
  const rationale = Array.from({ length: 60 }, (_, line) => `line ${String(line)}`).join('\n');
  const said = { title: 'Long', rationale, confidence: 1, sensitive: false };
  const proposal = { action: 'answer', args: { output: 'hello' }, ...said };
  await app.start(long, { ...argument, proposal });
  await app.reaches(long, 'open');
  const first = at(['approve', id, '--reviewer', 'ana']);
  await first.sees('approve revision 1?');
  first.types('\r');
  expect(await first.ends()).toBe(1);
  expect(first.shown()).toContain('NOT_SENT: nothing was sent');
  const second = at(['approve', long, '--reviewer', 'ana']);
  await second.sees('lines are hidden.');
  expect(second.shown()).not.toContain('line 59');
  second.types('\r');
  await second.sees('line 59');
  await second.sees('approve revision 1?');
  second.types('y');
  expect(await second.ends()).toBe(0);
  expect(await app.result(long)).toMatchObject({ outcome: 'approved' });
});

it('a pipe is nobody: it approves nothing, at whichever end it is', async () => {
  const { id } = await proposed();
  for (const keys of ['y\n', '1\n', '\r'])
    expect(await cli(['approve', id, '--reviewer', 'ana'], {}, keys)).toMatchObject({
      code: 2,
      err: expect.stringContaining('--digest is needed') as string,
    });
  // Somebody types, but does not see what the question is about.
  const blind = terminal(`${process.execPath} ${COUNTERSIGN} approve ${id} --reviewer ana 2>/dev/null`, env);
  open.push(blind);
  blind.types('y1\n');
  expect(await blind.ends()).toBe(2);
  expect(await app.gate(id)).toMatchObject({ status: 'open', signatures: [] });
});

it('result says at a terminal what it waits for, on stderr alone', async () => {
  const { id, digest } = await proposed();
  const shown = terminal(
    `${process.execPath} ${COUNTERSIGN} result ${id} --wait --json > ${directory.path}/result`,
    env,
  );
  open.push(shown);
  await shown.sees(`${id} waits for a decision by anybody, until `);
  await cli(['approve', id, '--digest', digest, '--reviewer', 'ana']);
  expect(await shown.ends()).toBe(0);
  expect(await inShell(`cat ${directory.path}/result`)).toMatchObject({
    out: expect.stringMatching(/^\{"v":1,"outcome":"approved".*\}\n$/) as string,
  });
});

describe('how it ends where things go wrong', () => {
  it('JSON for every failure, with its exit code', async () => {
    const { id, digest } = await proposed();
    const cases: [string[], NodeJS.ProcessEnv, number, string][] = [
      [['aprove', id], {}, 2, 'USAGE'],
      [['audit'], {}, 2, 'USAGE'],
      [['audit', 'shwo'], {}, 2, 'USAGE'],
      [['show'], {}, 2, 'USAGE'],
      [['inbox', '--limit', 'many'], {}, 2, 'USAGE'],
      [['dev', '--port', 'x'], {}, 2, 'INVALID_INPUT'],
      [['approve', id], {}, 2, 'FLAG_MISSING'],
      [['inbox'], { COUNTERSIGN_MODEL: 'nonsense' }, 2, 'CONFIG'],
      [['inbox'], { COUNTERSIGN_PROMPTS: 'loud' }, 2, 'CONFIG'],
      [['approve', id, '--digest', 'a'.repeat(64)], {}, 1, 'STALE_REVISION'],
      [['approve', id, '--digest', digest, '--reviewer', 'svc'], {}, 1, 'REQUESTER_CANNOT_DECIDE'],
      [['show', 'nobody'], {}, 1, 'NOT_FOUND'],
      [['show', id, '--address', '127.0.0.1:1'], {}, 3, 'UNREACHABLE'],
    ];
    for (const [args, more, code, says] of cases) {
      const ran = await cli([...args, '--json'], more);
      expect({ args, code: ran.code, ...json(ran) }).toMatchObject({
        args,
        code: says,
        message: expect.stringMatching(/./) as string,
      });
      expect({ args, exit: ran.code, lines: ran.out.split('\n').length }).toEqual({
        args,
        exit: code,
        lines: 2,
      });
    }
  });

  it('--json behind -- is no flag', async () => {
    expect(await cli(['aprove', '--', '--json'])).toMatchObject({ code: 2, out: '' });
  });

  it('help, version and completion need no environment that is in order', async () => {
    const broken = {
      COUNTERSIGN_MODEL: 'nonsense',
      COUNTERSIGN_STORE: 'nonsense',
      COUNTERSIGN_PROMPTS: 'loud',
    };
    for (const args of [
      ['--help'],
      ['--version'],
      ['help', 'approve'],
      ['dev', '--help'],
      ['completion', 'bash'],
    ]) {
      const { code, out, err } = await cli(args, broken);
      expect({ args, code, err, said: out !== '' }).toEqual({ args, code: 0, err: '', said: true });
    }
    expect(await cli(['inbox'], broken)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^CONFIG: /) as string,
    });
  });

  it('a reader that leaves is no failure, and ends a watch', async () => {
    const { id } = await proposed();
    await listed(id);
    for (const line of ['inbox | head -1', 'inbox --json | true', '--help | true'])
      expect({ line, ...(await inShell(`countersign ${line}`)) }).toMatchObject({ line, code: 0, err: '' });
    // It can only be known once there is something more to say.
    const state = { over: false };
    const watch = inShell('countersign inbox --watch | head -1').finally(() => (state.over = true));
    for (let more = 0; !state.over && more < 10; more += 1) await proposed();
    expect(await watch).toMatchObject({ code: 0, err: '' });
    expect(await inShell('countersign show nobody --json | true')).toMatchObject({ code: 1 });
  });

  it('output that cannot be written is a failure', async () => {
    const { code, err } = await inShell('countersign --version > /dev/full');
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/^ERROR: .*ENOSPC/) as string });
  });

  it('what nobody caught is said in JSON, too', async () => {
    // Throws from nowhere, once the command is under way; the server it calls accepts and stays silent.
    const module = join(directory.path, 'throws.cjs');
    writeFileSync(
      module,
      `const timer = setInterval(() => {
        if (process.listenerCount('uncaughtException') > 0) throw new Error('out of the blue');
      }, 20);
      timer.unref();`,
    );
    const silent = createServer((socket) => void socket.on('error', () => undefined));
    const port = await listening(silent);
    try {
      const ran = await cli(['inbox', '--json', '--address', `127.0.0.1:${String(port)}`], {
        NODE_OPTIONS: `--require ${module}`,
      });
      expect(ran).toEqual({
        code: 1,
        out: '{"code":"ERROR","message":"out of the blue"}\n',
        err: 'ERROR: out of the blue\n',
      });
    } finally {
      await new Promise((closed) => silent.close(closed));
    }
  });
});

it('bash completes the ids of what really waits', async () => {
  const { id } = await proposed();
  await listed(id);
  const line = `countersign approve ${id.slice(0, -1)}`;
  const pressed = () =>
    inShell(`
    source <(countersign completion bash)
    COMP_LINE='${line}' COMP_POINT=${String(line.length)} COMP_WORDS=(${line}) COMP_CWORD=2
    _countersign
    printf '%s\\n' "\${COMPREPLY[@]}"`);
  // It gives up after a few seconds, as somebody who waits at a prompt would; on a busy machine Tab is pressed again.
  const { out } = await until(pressed, (ran) => ran.out.split('\n').includes(id));
  expect(out.split('\n')).toContain(id);
});

it('a gate without a proposal: approve says so before it asks; respond answers', async () => {
  const { id } = await proposed('fail: the order system is down');
  const shown = at(['approve', id, '--reviewer', 'ana'], { COUNTERSIGN_PROMPTS: 'plain' });
  expect(await shown.ends()).toBe(1);
  expect(shown.shown()).toContain('The agent could not propose');
  expect(shown.shown()).toMatch(/NOTHING_PROPOSED: there is nothing to approve: .* you may .*respond/);
  expect(shown.shown()).not.toContain('Type a number');
  const answers = at(['respond', id, '--reviewer', 'ana'], { COUNTERSIGN_PROMPTS: 'plain' });
  await answers.sees('Your answer? ');
  answers.types('refunded by hand\n');
  await answers.sees('1) respond');
  await answers.sees('Type a number');
  answers.types('1\n');
  expect(await answers.ends()).toBe(0);
  expect(await app.result(id)).toMatchObject({ outcome: 'answered', result: 'refunded by hand' });
});

it('respond by flag takes text or JSON; revise needs a comment', async () => {
  for (const [answer, result] of [
    ['by hand', 'by hand'],
    ['{"refunded":20}', { refunded: 20 }],
  ] as const) {
    const { id, digest } = await proposed();
    const ran = await cli(['respond', id, '--answer', answer, '--digest', digest, '--reviewer', 'ana']);
    expect(ran).toMatchObject({ code: 0, out: `admitted on revision 1 of ${id}\n` });
    expect(await app.result(id)).toMatchObject({ outcome: 'answered', result });
  }
  const { id, digest } = await proposed();
  expect(await cli(['respond', id, '--digest', digest])).toMatchObject({
    code: 2,
    err: expect.stringContaining('--answer is needed') as string,
  });
  expect(await cli(['revise', id, '--digest', digest])).toMatchObject({
    code: 2,
    err: expect.stringContaining('--comment is needed') as string,
  });
  const sent = ['revise', id, '--digest', digest, '--reviewer', 'ana', '--comment', 'shorter'];
  expect(await cli(sent)).toMatchObject({ code: 0 });
  expect(
    (
      await until(
        () => app.gate(id),
        ({ revision }) => revision === 2,
      )
    ).revision,
  ).toBe(2);
});

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
