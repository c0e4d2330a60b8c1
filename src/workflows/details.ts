/**
 * What the Temporal Web UI shows of a gate, in Markdown: the action from the very bytes that are hashed, the agent's
 * words apart, who is asked until when, and a decision that can be pasted as it is.
 */
import { utf8Length } from '../domain/json';
import type { Packet } from '../domain/packet';
import { visible, visibleId, visibleJson, visibleLine } from '../domain/visible';

/** The server keeps 20,000 bytes; what does not fit is said, with how to see it. */
const MOST = 19_000;

export function details(packet: Packet): string {
  if (packet.proposal === undefined) return proposing(packet);
  const parts = [heading(packet), action(packet), difference(packet), preview(packet), claim(packet), asked(packet), paste(packet)];
  const whole = parts.filter((part) => part !== '').join('\n\n');
  if (utf8Length(whole) <= MOST) return whole;
  const short = [
    heading(packet),
    `**The proposal is too long to show here: ${String(utf8Length(whole))} bytes.** Read all of it before you decide: ` +
      `\`countersign show ${visibleId(packet.workflowId)} --full\`, or the query \`gate\`.`,
    asked(packet),
  ].join('\n\n');
  return utf8Length(short) <= MOST ? short : `**Too long to show here.** Read it with the query \`gate\`.`;
}

function proposing(packet: Packet): string {
  const { status, outcome, reason } = packet;
  if (status === 'closed') return `**Closed: ${outcome ?? 'failed'}**${reason === undefined ? '' : `\n\n${quote(reason)}`}`;
  return '**Proposing.** The agent has been asked; nothing is open to decide yet.';
}

function heading(packet: Packet): string {
  const state = packet.status === 'closed' ? `closed, outcome ${packet.outcome ?? ''}` : packet.status;
  const lines = [`**Gate \`${packet.gate}\`, revision ${String(packet.revision)}: ${state}**`];
  if (packet.waitingFor !== undefined) lines.push(`**Waiting:** ${inline(packet.waitingFor)}`);
  if (packet.reason !== undefined) lines.push(quote(packet.reason));
  return lines.join('\n\n');
}

function action({ proposal }: Packet): string {
  if (proposal === undefined) return '';
  return `**What will run**, if approved: \`${visibleId(proposal.action)}\` with\n\n${fence(visibleJson(proposal.args))}`;
}

function difference({ diff, revision }: Packet): string {
  if (diff === undefined) return '';
  return `**Changed since revision ${String(revision - 1)}** (RFC 6902)\n\n${fence(visible(diff.map((one) => JSON.stringify(one)).join('\n')))}`;
}

function preview(packet: Packet): string {
  return packet.preview === undefined ? '' : `**Preview**\n\n${fence(visibleJson(packet.preview))}`;
}

function claim({ proposal }: Packet): string {
  if (proposal === undefined) return '';
  const evidence = (proposal.evidence ?? []).map(
    ({ label, value, href }) => `${label}: ${value}${href === undefined ? '' : ` <${href}>`}`,
  );
  const words = [proposal.title, proposal.rationale, ...evidence].join('\n');
  return (
    `**What the agent claims** (confidence ${String(proposal.confidence)}${proposal.sensitive ? ', sensitive' : ''})\n\n` + quote(words)
  );
}

function asked(packet: Packet): string {
  const level = packet.policy?.levels[0];
  if (level === undefined || packet.status !== 'open') return '';
  const people = (level.approvers.people ?? []).map((one) => (one === '*' ? 'anybody' : visibleId(one))).join(', ');
  const signed = packet.signatures.map((one) => visibleId(one.reviewer)).join(', ') || 'nobody yet';
  return [
    '| | |',
    '|---|---|',
    `| asked | ${cell(`${level.name}: ${people}`)} |`,
    `| until | ${packet.deadline ?? ''} |`,
    `| signatures | ${String(packet.signatures.length)} of ${String(level.quorum)}: ${cell(signed)} |`,
    `| requester | ${cell(visibleId(packet.requester))}, as claimed |`,
    `| names | believed, not proven (open mode) |`,
  ].join('\n');
}

function paste(packet: Packet): string {
  if (packet.status !== 'open' || packet.digest === undefined) return '';
  const named = (packet.policy?.levels[0]?.approvers.people ?? []).filter(
    (one) => one !== '*' && one !== packet.requester && !packet.signatures.some((signed) => signed.reviewer === one),
  );
  const blocks = (named.length === 0 ? ['YOUR-NAME'] : named.slice(0, 5)).map((reviewer) =>
    fence(
      JSON.stringify({
        v: 1,
        id: `approve-${packet.gate}-${String(packet.revision)}-${reviewer}`.slice(0, 200),
        digest: packet.digest,
        verdict: 'approve',
        reviewer,
      }),
      'json',
    ),
  );
  return (
    `**To decide**, send the signal \`decide\` with this input (verdicts: ${packet.verdicts.join(', ')}; ` +
    `edit needs \`args\`, reject and comment need \`comment\`; a new \`id\` for each decision):\n\n${blocks.join('\n\n')}`
  );
}

/** A fence longer than any run of backticks inside, so that no content can close it. */
function fence(text: string, language = ''): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const ticks = '`'.repeat(longest + 1);
  return `${ticks}${language}\n${text}\n${ticks}`;
}

function quote(text: string): string {
  return visible(text)
    .split('\n')
    .map((line) => `> ${escape(line)}`)
    .join('\n>\n');
}

function inline(text: string): string {
  return escape(visibleLine(text));
}

function cell(text: string): string {
  return escape(text);
}

/** Markdown's own marks, made literal: the agent's words are text, never layout or links. */
function escape(text: string): string {
  return text.replace(/[\\`*_{}[\]#+!|~]/g, '\\$&').replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
