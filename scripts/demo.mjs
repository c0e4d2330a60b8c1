// `npm run demo`: the story of examples/refunds, on a real server. The agent reads what customers wrote and proposes;
// at a terminal you decide, without one a scripted reviewer does; at the end the rows in the database are compared with
// what was decided. Every step is a command of the real CLI. What is started here is stopped here.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import readline from 'node:readline/promises';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import requireNode from './setup/node-version.cjs';

requireNode();
const { setUp } = await import('./setup/index.mjs');
const { root } = await import('./setup/machine.mjs');
const { speaker } = await import('./setup/say.mjs');
const { environment, onStage, say, StageError } = await import('./stage.mjs');

const USAGE = `usage: node scripts/demo.mjs [--unattended] [--keep]
  --unattended  let the scripted reviewer decide, also at a terminal
  --keep        keep the state directory, to look around in it afterwards
The agent is rules unless COUNTERSIGN_MODEL names a language model (openai/…, anthropic/…, openai-compatible/… with
COUNTERSIGN_MODEL_URL).`;
const EXAMPLE = path.join(root, 'examples/refunds');
const REQUESTER = 'svc-support';
const AT_ONCE = 3;
const OUTCOME = {
  approve: 'executed',
  edit: 'executed',
  reject: 'rejected',
  respond: 'answered',
  cancel: 'cancelled',
};
/** Actions without an effect: approved is how they end. */
const EFFECT_FREE = ['answer', 'confirm'];
/** A model may take its time, and its provider may be busy. */
const PROPOSED_WITHIN = 300_000;

let stage;

/** The CLI as a program uses it: one JSON line. */
async function json(env, ...args) {
  const { code, out, err } = await stage.countersign([...args, '--json'], env, ['ignore', 'pipe', 'pipe']);
  if (code !== 0) throw new StageError(`countersign ${args[0]} ended with ${code}: ${(err || out).trim()}`);
  return JSON.parse(out);
}

/** A few at once: each call is a process of its own. */
async function each(items, work) {
  const queue = items.entries();
  const results = [];
  const lane = async () => {
    for (const [index, item] of queue) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return results;
}

/** Waits until the agent has proposed, or has nothing to propose: in both cases people are asked. */
async function settled(env, id, revision = 0) {
  for (const until = Date.now() + PROPOSED_WITHIN; ;) {
    const packet = await json(env, 'show', id);
    if (packet.status === 'closed' || (packet.status === 'open' && packet.revision > revision)) return packet;
    if (Date.now() > until)
      throw new StageError(`${id} is still ${packet.status}; the worker may be in trouble`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** The first rule of reviewer.json that fits. */
function ruled(rules, { proposal, preview, failure }) {
  const { action, args, confidence } = proposal;
  const fits = ({ if: when = {} }) =>
    (when.agentFailed === undefined || (failure !== undefined) === when.agentFailed) &&
    (when.actionIsNot === undefined || action !== when.actionIsNot) &&
    (when.previewRefuses === undefined || (preview?.refused !== undefined) === when.previewRefuses) &&
    (when.confidenceBelow === undefined || confidence < when.confidenceBelow) &&
    (when.amountAbove === undefined || args.amount > when.amountAbove);
  const rule = rules.find(fits);
  if (rule === undefined)
    throw new StageError('no rule of reviewer.json fits; the last one should have no "if"');
  return rule.verdict === 'edit' ? { ...rule, args: { ...args, amount: rule.amount } } : rule;
}

/** Decides as reviewer.json says, through the CLI, on the digest that was read. */
async function decideByRule(env, { reviewer, rules }, packet) {
  const rule = ruled(rules, packet);
  const receipt = await json(
    env,
    ...[rule.verdict, packet.workflowId, '--digest', packet.digest, '--reviewer', reviewer],
    ...['--comment', rule.comment],
    ...(rule.args === undefined ? [] : ['--args', JSON.stringify(rule.args)]),
    ...(rule.answer === undefined ? [] : ['--answer', rule.answer]),
  );
  if (receipt.status !== 'admitted')
    throw new StageError(
      `the ${rule.verdict} of ${packet.workflowId} is ${receipt.status}: ${receipt.message ?? ''}`,
    );
  return { verdict: rule.verdict, args: rule.args ?? packet.proposal.args };
}

const KEYS = {
  a: ['approve', '[a]pprove'],
  e: ['edit', '[e]dit'],
  r: ['reject', '[r]eject'],
  b: ['revise', 'send [b]ack to the agent'],
  w: ['respond', 'ans[w]er in its place'],
};

async function ask(question) {
  const prompt = readline.createInterface({ input: process.stdin, output: process.stdout });
  prompt.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const closed = new Promise((resolve) => prompt.once('close', () => resolve('s')));
  const answer = await Promise.race([prompt.question(question), closed]);
  prompt.close();
  return answer.trim().toLowerCase();
}

/** Shows the gate and has the person decide; the CLI itself asks for what it needs. */
async function decideByPerson(env, packet) {
  const { workflowId: id, digest, revision, verdicts } = packet;
  say();
  await stage.countersign(['show', id], env, 'inherit');
  const offered = Object.entries(KEYS).filter(([, [verdict]]) => verdicts.includes(verdict));
  const question = [...offered.map(([, [, words]]) => words), '[s]kip'].join(', ');
  for (;;) {
    const answer = (await ask(`\n${id}: ${question}? `)).slice(0, 1);
    const verdict = offered.find(([key]) => key === answer)?.[1][0];
    if (verdict === undefined && answer !== 's') continue;
    if (verdict === undefined) {
      say('Skipped: whoever asked for it calls it off.');
      await json(env, 'cancel', id, '--digest', digest, '--reviewer', REQUESTER);
      return { verdict: 'cancel' };
    }
    // An edit shows the difference before it asks; the other two are about what has just been shown.
    const bound = verdict === 'edit' ? ['--full'] : ['--digest', digest];
    const { code } = await stage.countersign([verdict, id, ...bound], env, 'inherit');
    if (code === 0 && verdict === 'revise') {
      say('Sent back; the agent is asked again …');
      return decideByPerson(env, await settled(env, id, revision));
    }
    if (code === 0) {
      const { proposal, preview } = await json(env, 'show', id);
      // What the preview refuses, the action refuses, too: approved or not, it pays nothing.
      return { verdict, args: proposal.args, refused: preview?.refused !== undefined };
    }
    say('That was not admitted. Once more:');
  }
}

/** How it ended, and that its record holds and ends in the head that the result names. */
async function concluded(env, id) {
  const ended = await json(env, 'result', id, '--wait');
  const audit = await json(env, 'audit', 'show', id);
  const last = audit.entries.at(-1);
  if (!audit.holds || audit.entries.length !== ended.audit.entries || last.hash !== ended.audit.head)
    throw new StageError(`the audit of ${id} does not end in the head that its result names`);
  return ended;
}

const PROOF =
  'SELECT workflow_id, digest, order_id, amount_cents, currency, reason FROM refunds WHERE workflow_id IS NOT NULL ORDER BY workflow_id';
const BY_HAND = 'SELECT key, order_id, amount_cents FROM refunds WHERE workflow_id IS NULL ORDER BY key';

async function query(file, sql) {
  const { createClient } = await import('@libsql/client');
  const { pathToFileURL } = await import('node:url');
  const client = createClient({ url: pathToFileURL(file).href });
  try {
    const { rows, columns } = await client.execute(sql);
    return rows.map((row) => Object.fromEntries(columns.map((name) => [name, row[name]])));
  } finally {
    client.close();
  }
}

/** The rows that the decisions call for, worked out from the decisions alone. */
function expectedRows(stories, currencyOf) {
  return stories
    .filter(({ decided }) => OUTCOME[decided?.verdict] === 'executed' && !decided.refused)
    .filter(({ ended }) => ended.proposal.action === 'refund')
    .map(({ id, decided: { args }, ended }) => ({
      workflow_id: id,
      digest: ended.digest,
      order_id: args.order,
      amount_cents: Math.round(args.amount * 100),
      // Left out, it is the order's own.
      currency: args.currency ?? currencyOf(args.order),
      reason: args.reason,
    }));
}

function wantedOutcome(decided, { proposal }) {
  if (decided === undefined) return 'failed';
  const wanted = OUTCOME[decided.verdict];
  if (wanted === 'executed' && EFFECT_FREE.includes(proposal.action)) return 'approved';
  return wanted === 'executed' && decided.refused ? 'failed' : wanted;
}

/** Where rows and decisions differ, or an ending is another than was decided: one sentence each. */
function differences(stories, rows, currencyOf, before, after) {
  const expected = expectedRows(stories, currencyOf);
  const has = (all, one) => all.some((other) => isDeepStrictEqual(other, one));
  return [
    ...expected
      .filter((one) => !has(rows, one))
      .map((one) => `decided, but not in the table: ${JSON.stringify(one)}`),
    ...rows
      .filter((one) => !has(expected, one))
      .map((one) => `in the table, but not decided: ${JSON.stringify(one)}`),
    ...(rows.length === expected.length ? [] : [`${rows.length} rows where ${expected.length} were decided`]),
    ...(isDeepStrictEqual(before, after) ? [] : ['the refunds from before have changed']),
    ...stories
      .map(({ id, decided, ended }) => [id, ended.outcome, wantedOutcome(decided, ended)])
      .filter(([, outcome, wanted]) => outcome !== wanted)
      .map(([id, outcome, wanted]) => `${id} ended ${outcome}, and should have ended ${wanted}`),
  ];
}

/** Loaded once set-up has seen to the modules: the sanitiser is the product's own. */
function tools() {
  const require = createRequire(import.meta.url);
  const { register } = require('tsx/cjs/api');
  const unregister = register();
  const { visible, visibleLine } = require('../src/domain/visible.ts');
  unregister();
  return { visible, visibleLine, Table: require('cli-table3') };
}

function short(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function summary({ Table, visibleLine }, stories, rows) {
  const table = new Table({
    head: ['message', 'proposal', 'decision', 'outcome', 'row', 'audit head'],
    style: { head: [], border: [] },
    colWidths: [26, 24, 16, 11, 22, 14],
    wordWrap: true,
  });
  for (const { id, message, ended } of stories) {
    const row = rows.find(({ workflow_id: workflow }) => workflow === id);
    const { proposal } = ended;
    const decision = ended.decisions
      .map(({ verdict, reviewer }) => `${verdict} by ${visibleLine(reviewer)}`)
      .join(', ');
    table.push([
      // Made visible first: a cut through a code shows less, and never brings the character back.
      short(visibleLine(message.replace(/\s+/g, ' ')), 60),
      proposal === undefined
        ? visibleLine(ended.reason?.split(':')[0] ?? 'none')
        : visibleLine(proposal.title),
      decision || 'none',
      ended.outcome,
      row === undefined
        ? 'none'
        : `order ${row.order_id}: ${(row.amount_cents / 100).toFixed(2)} ${row.currency}`,
      ended.audit.head.slice(0, 12),
    ]);
  }
  return table.toString();
}

async function demo(unattended) {
  const found = await setUp(['modules', 'temporal'], speaker());
  const kit = tools();
  const { makeOrders } = await import('../examples/refunds/orders.mjs');
  const shop = path.join(stage.state, 'refunds.db');
  say(`Made a shop with ${await makeOrders(shop)} orders.`);
  const before = await query(shop, BY_HAND);
  const messages = readFileSync(path.join(EXAMPLE, 'messages.txt'), 'utf8')
    .split(/^----$/m)
    .map((one) => one.trim());
  const base = {
    ...environment(/^REFUNDS_DB$/),
    COUNTERSIGN_DATA: stage.data,
    COUNTERSIGN_ACTIONS: path.join(EXAMPLE, 'actions.ts'),
    REFUNDS_DB: shop,
    TEMPORAL_CLI_PATH: found.temporal.path,
  };
  say('Starting the Temporal server and the worker …');
  const { address, ui } = await stage.startDev(base);
  const env = { ...base, TEMPORAL_ADDRESS: address };
  say(`Countersign is up at ${address}; look at it in the Web UI: ${ui}`);
  say(
    `The agent (${base.COUNTERSIGN_MODEL || 'offline: rules, not a language model'}) reads ${messages.length} customer messages …`,
  );
  const stories = messages.map((message, index) => ({ id: `message-${index + 1}`, message }));
  await each(stories, ({ id, message }) =>
    json(env, 'propose', message, '--id', id, '--requester', REQUESTER),
  );
  await each(stories, async (story) => {
    story.packet = await settled(env, story.id);
  });
  for (const { id, packet } of stories)
    say(`  ${id}: ${packet.failure ? 'nothing to propose' : kit.visibleLine(packet.proposal?.title ?? '')}`);

  const open = stories.filter(({ packet }) => packet.status === 'open');
  if (unattended) {
    const script = JSON.parse(readFileSync(path.join(EXAMPLE, 'reviewer.json'), 'utf8'));
    say(
      `${open.length} wait for a person. Nobody is at a terminal, so ${script.reviewer} decides by reviewer.json …`,
    );
    await each(open, async (story) => {
      story.decided = await decideByRule(env, script, story.packet);
    });
    for (const { id, decided } of open) say(`  ${id}: ${decided.verdict}`);
  } else {
    say(`${open.length} wait for you. Read each, then decide; silence changes nothing.`);
    for (const story of open) story.decided = await decideByPerson(env, story.packet);
  }
  say('Waiting for the ends, and checking the record of each …');
  await each(stories, async (story) => {
    story.ended = await concluded(env, story.id);
  });
  const rows = await query(shop, PROOF);
  say(`\n${summary(kit, stories, rows)}\n`);
  say(`${PROOF};`);
  for (const row of rows)
    say(`  ${kit.visibleLine(Object.values({ ...row, digest: row.digest.slice(0, 12) }).join('  '))}`);
  const own = stories.filter(
    ({ ended }) => ended.outcome === 'executed' && ended.proposal.action !== 'refund',
  );
  if (own.length > 0) {
    const ids = own.map(({ id }) => id).join(', ');
    say(
      `\nYou approved a statement of the customer's own (${ids}), and it ran: the rows prove nothing any more.`,
    );
    return;
  }
  const orders = await query(shop, 'SELECT id, currency FROM orders');
  const currencyOf = (order) => orders.find(({ id }) => id === order)?.currency;
  const wrong = differences(stories, rows, currencyOf, before, await query(shop, BY_HAND));
  if (wrong.length > 0)
    throw new StageError(`the database is not what was decided:\n  ${kit.visible(wrong.join('\n'))}`);
  say(
    `\nProved: ${rows.length} approved refunds, ${rows.length} rows, none besides; ${stories.length} audit chains hold.`,
  );
}

function options() {
  try {
    const flag = { type: 'boolean', default: false };
    return parseArgs({ options: { unattended: flag, keep: flag, help: { ...flag, short: 'h' } } }).values;
  } catch (error) {
    process.stderr.write(`demo: ${error.message}\n${USAGE}\n`);
    process.exit(2);
  }
}

const { unattended, keep, help } = options();

if (help) {
  say(USAGE);
} else {
  const inTerminal = process.stdin.isTTY && process.stdout.isTTY;
  const play = (on) => {
    stage = on;
    return demo(unattended || !inTerminal);
  };
  await onStage('demo', play, { keep });
}
