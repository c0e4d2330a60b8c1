/** What reaches stderr: plain as it was, or JSON whose every field is known, whatever is thrown at it. */
import { ApplicationFailure } from '@temporalio/common';
import { readConfig } from '../../src/config';
import { openLogs } from '../../src/telemetry/logs';

const MARK = 'kettle';

function logs(log: 'plain' | 'json') {
  let text = '';
  const { logger, say } = openLogs({ log }, (chunk) => (text += chunk));
  const lines = () =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => {
        const { time, ...rest } = JSON.parse(line) as Record<string, unknown>;
        expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
        return rest;
      });
  return { logger, say, text: () => text, lines };
}

test('plain: warnings and errors, with their words', () => {
  const { logger, say, text } = logs('plain');
  logger.info('unseen');
  logger.warn('Activity failed', { error: new Error(MARK), workflowId: 'w' });
  logger.error('broken');
  say('Two\nlines\n');
  expect(text()).toBe('WARN Activity failed Error: kettle\nERROR broken\nTwo\nlines\n');
});

test('JSON: what is known to hold no content, and a line for each sentence', () => {
  const { logger, say, lines, text } = logs('json');
  const known = { workflowId: 'w', activityType: 'execute', attempt: 2, isLocal: true };
  logger.debug('unseen');
  logger.info('gate closed', { ...known, outcome: 'executed', args: MARK, comment: MARK, failure: MARK });
  logger.warn('from the core', { run_id: 'r', target: MARK, spanContexts: { MARK } });
  say('Two\nlines\n');
  expect(lines()).toEqual([
    { level: 'info', ...known, outcome: 'executed', msg: 'gate closed' },
    { level: 'warn', runId: 'r', msg: 'from the core' },
    { level: 'info', msg: 'Two' },
    { level: 'info', msg: 'lines' },
  ]);
  expect(text()).not.toContain(MARK);
});

test('the core’s failing task: its words where lines are plain, its code in JSON', () => {
  const message = `[TMPRL1100] Nondeterminism error: \\"${MARK}\\" is not`;
  const failure = `Failure { failure: Some(Failure { message: "${message}", source: "" }) }`;
  const [plain, json] = [logs('plain'), logs('json')];
  for (const { logger } of [plain, json]) logger.warn('Failing workflow task', { failure, run_id: 'r' });
  expect(plain.text()).toBe(`WARN Failing workflow task ${message}\n`);
  expect(json.lines()).toEqual([
    { level: 'warn', runId: 'r', code: 'TMPRL1100', msg: 'Failing workflow task' },
  ]);
});

const refused = Object.assign(new Error(`${MARK} 127.0.0.1:5432`), { code: 'ECONNREFUSED' });
const looped: { name: string; message: string; cause?: unknown } = { name: 'Looped', message: MARK };
looped.cause = looped;

test.each([
  { said: 'an error by its class', error: new TypeError(MARK), is: { name: 'TypeError' } },
  {
    said: 'a failure by its type',
    error: ApplicationFailure.nonRetryable(MARK, 'NO_EVIDENCE', MARK),
    is: { name: 'ApplicationFailure', code: 'NO_EVIDENCE' },
  },
  {
    said: "the innermost cause's code",
    error: new Error(MARK, { cause: ApplicationFailure.create({ message: MARK, cause: refused }) }),
    is: { name: 'Error < ApplicationFailure', code: 'ECONNREFUSED' },
  },
  {
    said: 'our code where the sentence alone is left',
    error: new Error(`INVALID_INPUT: ${MARK}: unknown key`),
    is: { name: 'Error', code: 'INVALID_INPUT' },
  },
  { said: 'no code of somebody else’s sentence', error: new Error(`KETTLE: ${MARK}`), is: { name: 'Error' } },
  {
    said: 'nothing that is no word',
    error: Object.assign(new Error(MARK), { name: `not a ${MARK}`, code: `the ${MARK}` }),
    is: { name: 'Error' },
  },
  { said: 'a cause that is its own', error: looped, is: { name: 'Looped' } },
  { said: 'a text', error: MARK, is: { name: 'string' } },
])('JSON: $said', ({ error, is }) => {
  const { logger, lines, text } = logs('json');
  logger.error('failed', { error });
  expect(lines()).toEqual([{ level: 'error', error: is, msg: 'failed' }]);
  expect(text().toLowerCase()).not.toContain(MARK);
});

test('COUNTERSIGN_LOG', () => {
  const read = (log: string) => readConfig({ HOME: '/home/ana', COUNTERSIGN_LOG: log }).telemetry.log;
  expect([read(''), read('plain'), read('json')]).toEqual(['plain', 'plain', 'json']);
  expect(() => read('yaml')).toThrow('COUNTERSIGN_LOG=yaml is not known; set it to json');
});
