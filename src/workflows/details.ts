/**
 * What the Temporal Web UI shows of a gate, in Markdown: the action from the very bytes that are hashed, the agent's
 * words apart, who is asked until when, and a decision that can be pasted as it is.
 */
import { utf8Length } from '../domain/json';
import type { Packet } from '../domain/packet';
import type { PeopleLevel } from '../domain/policy';
import { visible, visibleId, visibleJson } from '../domain/visible';

/** The server keeps 20,000 bytes; what does not fit is said, with how to see it. */
const MOST = 19_000;
/** What the Web UI's column shows of a code block, in a window 1280 pixels wide. */
const COLUMNS = 54;

export function details(packet: Packet): string {
  if (packet.proposal === undefined) return proposing(packet);
  const parts = [
    heading(packet),
    action(packet),
    difference(packet),
    preview(packet),
    claim(packet),
    asked(packet),
    paste(packet),
  ];
  const whole = parts.filter((part) => part !== '').join('\n\n');
  if (utf8Length(whole) <= MOST) return whole;
  const short = [
    heading(packet),
    `**The proposal is too long to show here: ${String(utf8Length(whole))} bytes.** Read all of it before you decide: ` +
      `${code(`countersign show ${packet.workflowId} --full`)}, or the query ${code('gate')}.`,
    asked(packet),
  ].join('\n\n');
  return utf8Length(short) <= MOST ? short : `**Too long to show here.** Read it with the query \`gate\`.`;
}

function proposing(packet: Packet): string {
  const { status, outcome, reason } = packet;
  if (status === 'closed')
    return `**Closed: ${outcome ?? 'failed'}**${reason === undefined ? '' : `\n\n${said(reason)}`}`;
  const waiting = packet.waitingFor === undefined ? '' : `\n\n**Waiting**\n\n${said(packet.waitingFor)}`;
  return `**Proposing.** The agent has been asked; nothing is open to decide yet.${waiting}`;
}

function heading(packet: Packet): string {
  const state = packet.status === 'closed' ? `closed, outcome ${packet.outcome ?? ''}` : packet.status;
  const lines = [`**Gate ${code(packet.gate)}, revision ${String(packet.revision)}: ${state}**`];
  if (packet.waitingFor !== undefined) lines.push('**Waiting**', said(packet.waitingFor));
  if (packet.reason !== undefined) lines.push('**Reason**', said(packet.reason));
  return lines.join('\n\n');
}

function action({ proposal, failure, status }: Packet): string {
  if (proposal === undefined) return '';
  if (failure !== undefined)
    return `**The agent had nothing to propose:** ${code(failure.code)}\n\n${said(failure.message)}\n\n**The question**\n\n${shown(visibleJson(proposal.args))}`;
  const what = status === 'open' ? '**What will run**, if approved' : '**The action**';
  return `${what}: ${code(proposal.action)} with\n\n${shown(visibleJson(proposal.args))}`;
}

function difference({ diff, revision }: Packet): string {
  if (diff === undefined) return '';
  const lines = visible(diff.map((one) => JSON.stringify(one)).join('\n'));
  return `**Changed since revision ${String(revision - 1)}** (RFC 6902)\n\n${shown(lines)}`;
}

function preview(packet: Packet): string {
  return packet.preview === undefined ? '' : `**Preview**\n\n${shown(visibleJson(packet.preview))}`;
}

function claim({ proposal, failure }: Packet): string {
  if (proposal === undefined || failure !== undefined) return '';
  const evidence = (proposal.evidence ?? []).map(
    ({ label, value, href }) => `${label}: ${value}${href === undefined ? '' : ` <${href}>`}`,
  );
  const words = [proposal.title, proposal.rationale, ...evidence].filter((one) => one !== '').join('\n\n');
  const sensitive = proposal.sensitive ? ', sensitive' : '';
  return `**What the agent claims** (confidence ${String(proposal.confidence)}${sensitive})\n\n${said(words)}`;
}

function asked(packet: Packet): string {
  const level = levelOf(packet);
  if (packet.waitingOn !== undefined)
    return `**Asked:** the level ${code(packet.level ?? '')}, in the workflow ${code(packet.waitingOn)}. Decide there.`;
  if (level === undefined || packet.status !== 'open') return '';
  const signed = packet.signatures.map(signer).join(', ') || 'nobody yet';
  const rejected = (packet.rejections ?? []).map(signer).join(', ');
  return [
    `- **Asked:** ${approvers(level)} (${code(level.name)})`,
    `- **Until:** ${(packet.deadline ?? '').replace('T', ' ').replace(/(?:\.\d+)?Z$/, ' UTC')}`,
    `- **Then:** ${afterSilence(packet)}`,
    `- **Signed:** ${String(packet.signatures.length)} of ${quorum(level)}, ${signed}`,
    ...(rejected === '' ? [] : [`- **Rejected by:** ${rejected}, of ${String(level.rejections)}`]),
    ...(packet.escalations ?? []).map(
      ({ from, to, reason }) => `- **Passed up:** ${code(from)} to ${code(to)}, ${code(reason)}`,
    ),
    `- **Requester:** ${code(packet.requester)}, as claimed`,
    packet.authentication === 'signed'
      ? "- **Names:** proven, each decision is signed with its reviewer's key"
      : '- **Names:** believed, not proven (open mode)',
  ].join('\n');
}

function levelOf({ policy, level }: Packet): PeopleLevel | undefined {
  return policy?.levels.find(({ name }) => name === level);
}

function approvers({ approvers: { people = [], roles = [] } }: PeopleLevel): string {
  return [
    ...people.map((one) => (one === '*' ? 'anybody' : code(one))),
    ...roles.map((role) => `role ${code(role)}`),
  ].join(', ');
}

function quorum({ quorum: all, groups = [] }: PeopleLevel): string {
  if (groups.length === 0) return String(all);
  const each = groups.map(({ role, quorum: of }) => `${String(of)} of ${code(role)}`).join(' and ');
  return all > 1 ? `${String(all)}, among them ${each}` : each;
}

function signer({ reviewer, onBehalfOf }: Packet['signatures'][number]): string {
  return onBehalfOf === undefined ? code(reviewer) : `${code(reviewer)} on behalf of ${code(onBehalfOf)}`;
}

function afterSilence({ policy, level }: Packet): string {
  const rung = policy?.levels.findIndex(({ name }) => name === level) ?? -1;
  const here = policy?.levels[rung];
  const higher = policy?.levels[rung + 1];
  const means = here?.onSilence ?? policy?.onSilence;
  if (means === 'approve') return 'it counts as **approved**: the policy takes silence for consent';
  return means === 'escalate' && higher !== undefined ? `${code(higher.name)} is asked` : 'it expires';
}

function paste(packet: Packet): string {
  if (packet.status !== 'open' || packet.digest === undefined) return '';
  const { digest, gate, revision } = packet;
  if (packet.authentication === 'signed')
    return [
      '**To decide**, sign your decision where your key is, and paste what it prints (*More Actions*, *Send a Signal*, `decide`):',
      literal(
        `countersign sign ${packet.workflowId} --verdict approve --reviewer YOU --key YOUR.key.pem --digest ${digest}`,
      ),
      `Verdicts: ${packet.verdicts.map(code).join(', ')}. ${needs(packet)}`,
    ].join('\n\n');
  const named = (levelOf(packet)?.approvers.people ?? []).filter(
    (one) =>
      one !== '*' && one !== packet.requester && !packet.signatures.some((signed) => signed.reviewer === one),
  );
  const verdict = packet.verdicts.find((one) => LEADING.includes(one)) ?? 'reject';
  const decisions = (named.length === 0 ? ['YOUR-NAME'] : named.slice(0, 5)).map((reviewer) => {
    const id = `${verdict}-${gate}-${String(revision)}-${reviewer}`.slice(0, 200).trimEnd();
    const needs =
      verdict === 'respond'
        ? { answer: 'YOUR-ANSWER' }
        : verdict === 'reject'
          ? { comment: 'WHY' }
          : packet.phrase === undefined
            ? {}
            : { phrase: 'TYPE THE PHRASE' };
    return literal(JSON.stringify({ v: 1, id, verdict, reviewer, ...needs, digest }));
  });
  const others = packet.verdicts
    .filter((other) => other !== verdict)
    .map(code)
    .join(', ');
  const which =
    named.length === 0
      ? 'this, with your name in it'
      : named.length === 1
        ? 'this'
        : 'the one with your name';
  return [
    `**To ${verdict}**, choose *More Actions*, *Send a Signal*, ${code('decide')}, and paste ${which}:`,
    ...decisions,
    `Instead of ${code(verdict)}: ${others}. ${needs(packet)}Each decision needs an ${code('id')} of its own.`,
  ].join('\n\n');
}

/** What is offered first; the policy may leave it out. */
const LEADING: readonly Packet['verdicts'][number][] = ['approve', 'respond'];

function needs({ verdicts, phrase }: Packet): string {
  const saysWhy = verdicts
    .filter((one) => ['reject', 'revise', 'escalate', 'comment'].includes(one))
    .map(code);
  return [
    ...(phrase === undefined
      ? []
      : [`${code('approve')} and ${code('edit')} need ${code('phrase')}, exactly: ${code(phrase)}. `]),
    ...(verdicts.includes('edit') ? [`${code('edit')} needs ${code('args')}. `] : []),
    ...(verdicts.includes('delegate') ? [`${code('delegate')} needs ${code('to')}. `] : []),
    ...(verdicts.includes('extend') ? [`${code('extend')} needs ${code('until')}. `] : []),
    ...(verdicts.includes('respond') ? [`${code('respond')} needs ${code('answer')}. `] : []),
    ...(saysWhy.length > 0 ? [`${saysWhy.join(', ')} need ${code('comment')}. `] : []),
  ].join('');
}

/** JSON as it is. A line that would run out of sight goes on in the next one, and says so. */
function shown(text: string): string {
  return fence(wrapped(text, ' ↩'));
}

/** Somebody's words: text only. Outside code the Web UI makes links of addresses, and quotes and dashes of its own. */
function said(text: string): string {
  return fence(wrapped(visible(text), ''));
}

/** A fence longer than any run of backticks inside, so that no content can close it. */
function fence(text: string): string {
  const ticks = '`'.repeat(Math.max(2, longestRun(text)) + 1);
  return `${ticks}\n${text}\n${ticks}`;
}

/** Within a line. */
function code(text: string): string {
  const ticks = '`'.repeat(longestRun(text) + 1);
  const pad = text.includes('`') ? ' ' : '';
  return `${ticks}${pad}${visibleId(text)}${pad}${ticks}`;
}

/** One long line to copy. As a span it is seen whole at any width, which a block is not. */
function literal(text: string): string {
  return text.includes('`') ? fence(text) : code(text);
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
}

/** Code blocks do not wrap in the Web UI: what is beyond their edge would not be read. Breaks at spaces where it can. */
function wrapped(text: string, mark: string): string {
  return text
    .split('\n')
    .map((line) => rowsOf(line).join(`${mark}\n`))
    .join('\n');
}

function rowsOf(line: string): string[] {
  const rows: string[] = [];
  let row = '';
  let width = 0;
  for (const word of line.match(/\s+|\S+/gu) ?? []) {
    for (const part of width + wide(word) > COLUMNS && wide(word) > COLUMNS / 2 ? [...word] : [word]) {
      if (width + wide(part) > COLUMNS && row !== '' && part !== ' ') {
        rows.push(row);
        row = '';
        width = 0;
      }
      row += part;
      width += wide(part);
    }
  }
  return [...rows, row];
}

function wide(text: string): number {
  return [...text].reduce((sum, character) => sum + ((character.codePointAt(0) ?? 0) < 0x1100 ? 1 : 2), 0);
}
