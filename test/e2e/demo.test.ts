/** The demo as a stranger runs it without a terminal: twice, with nothing left behind. It starts some sixty commands, here compiled once. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { COUNTERSIGN } from '../support/built';
import { startModelServer } from '../support/model-server';

const ROOT = path.join(__dirname, '..', '..');
const DEMO = path.join(ROOT, 'scripts/demo.mjs');
const ONE_RUN = 180_000;

let scratch: string;

beforeEach(() => {
  // Everything that the demo starts has a path in here among its arguments.
  scratch = mkdtempSync(path.join(tmpdir(), 'countersign-test-'));
});

afterEach(() => {
  rmSync(scratch, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** @param whileRunning is told everything that has been printed so far, each time that something is */
function demo(
  whileRunning?: (out: string, stop: (signal: NodeJS.Signals) => void) => void,
  model: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [DEMO], {
    cwd: ROOT,
    env: { ...process.env, ...model, TMPDIR: scratch, STAGE_CLI: COUNTERSIGN },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    whileRunning?.(out, (signal) => child.kill(signal));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, out, err });
    });
  });
}

function leftBehind(): string[] {
  const processes = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,command='], { encoding: 'utf8' }).split(
    '\n',
  );
  const directories = readdirSync(scratch).filter((name) => name.startsWith('countersign-'));
  return [...processes.filter((line) => line.includes(scratch)), ...directories];
}

/** A line of the table, by a word of its message: the cells of the first of its lines, without borders. */
function row(out: string, word: string): string[] {
  const line = out.split('\n').find((one) => one.startsWith('│') && one.includes(word)) ?? '';
  return line
    .split('│')
    .map((cell) => cell.trim())
    .slice(1, -1);
}

test(
  'executes, edits and rejects as decided, proves the rows, and leaves nothing behind',
  async () => {
    const { code, out, err } = await demo();
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });

    expect(row(out, 'hi there')).toEqual(decided('approve by ana', 'executed', 'order 1042: 19.99'));
    expect(row(out, 'Hello, the blanket')).toEqual(
      decided('approve by ana', 'executed', 'order 1187: 20.00'),
    );
    expect(row(out, 'THIS IS THE THIRD')).toEqual(decided('edit by ana', 'executed', 'order 1018: 100.00'));
    expect(row(out, 'Guten Tag')).toEqual(decided('approve by ana', 'executed', 'order 1155: 39.50'));
    expect(row(out, 'Hi! You already')).toEqual(decided('approve by ana', 'executed', 'order 1250: 94.50'));
    expect(row(out, 'the thing i bougt')).toEqual(decided('reject by ana', 'rejected', 'none'));
    expect(row(out, '‹U+001B›')).toEqual(decided('reject by ana', 'rejected', 'none'));
    expect(row(out, 'My blanket was late')).toEqual(decided('reject by ana', 'rejected', 'none'));
    expect(row(out, 'where is my')).toEqual(decided('respond by ana', 'answered', 'none'));
    expect(out).toContain('5 approved refunds, 5 rows, none besides; 9 audit chains hold.');

    // What a customer wrote never reaches the terminal as it is; nothing else here is a control character either.
    expect(`${out}${err}`).not.toMatch(/[^\P{C}\n]/u);
    expect(leftBehind()).toEqual([]);
  },
  ONE_RUN,
);

test(
  'a SIGTERM in the middle stops all that was started',
  async () => {
    let sent = false;
    const { code, err } = await demo((out, stop) => {
      if (sent || !out.includes('customer messages')) return;
      sent = true;
      stop('SIGTERM');
    });
    expect(code).toBe(143);
    expect(err).toContain('stopping what was started');
    expect(leftBehind()).toEqual([]);
  },
  ONE_RUN,
);

function decided(decision: string, outcome: string, refunded: string): unknown[] {
  return [
    expect.any(String),
    expect.any(String),
    decision,
    outcome,
    refunded,
    expect.stringMatching(/^[0-9a-f]{12}$/),
  ];
}

test(
  'runs again, on a language model that speaks OpenAI’s protocol: the same gate, the same proof',
  async () => {
    const server = await startModelServer();
    try {
      const { code, out, err } = await demo(undefined, {
        COUNTERSIGN_MODEL: 'openai-compatible/any',
        COUNTERSIGN_MODEL_URL: server.url,
      });
      expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
      expect(out).toContain('The agent (openai-compatible/any) reads 9 customer messages');
      expect(server.of('proposal').length).toBeGreaterThanOrEqual(9);
      expect(server.of('confidence').length).toBeGreaterThanOrEqual(9);
      expect(row(out, 'hi there')).toEqual(decided('approve by ana', 'executed', 'order 1042: 19.99'));
      expect(out).toMatch(/Proved: [1-9]\d* approved refunds, .* 9 audit chains hold\./);
      expect(leftBehind()).toEqual([]);
    } finally {
      await server.close();
    }
  },
  ONE_RUN,
);
