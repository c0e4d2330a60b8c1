/**
 * What the Temporal Web UI shows of a gate, in Markdown: the action from the very bytes that are hashed, the agent's
 * words apart, who is asked until when, and a decision that can be pasted as it is.
 */
import { utf8Length } from '../domain/json';
import type { Packet } from '../domain/packet';
import { commandOn } from '../domain/paste';
import { planLines } from '../domain/plan-lines';
import type { PeopleLevel } from '../domain/policy';
import { REQUESTER_WORDS } from '../domain/requester-words';
import { visible, visibleJson } from '../domain/visible';
import { marked, spansOf } from '../domain/words-shown';
import { paste } from './details-paste';
import { code, said, seen, shown } from './markdown';

/** The server keeps 20,000 bytes; what does not fit is said, with how to see it. */
const MOST = 19_000;
/** Steps of a plan shown before and after the one it is about. */
const STEPS = 3;

export function details(packet: Packet): string {
  if (packet.proposal === undefined) return proposing(packet);
  const decide = paste(packet, levelOf(packet)?.approvers.people ?? []);
  const question = [heading(packet), action(packet), undo(packet)];
  const before = [preview(packet), claim(packet)];
  const whole = paragraphs([...question, difference(packet), ...before, plan(packet), asked(packet), decide]);
  if (utf8Length(whole) <= MOST) return whole;
  const all = `${code(commandOn('show', packet.workflowId, '--full'))}, or the query ${code('gate')}`;
  const less = `**What changed, and the plan, are too long to show here:** ${all}.`;
  const without = paragraphs([...question, less, ...before, asked(packet), decide]);
  if (hasMore(packet) && utf8Length(without) <= MOST) return without;
  const short = paragraphs([
    heading(packet),
    `**The proposal is too long to show here: ${String(utf8Length(whole))} bytes.** Read all of it before you decide: ${all}.`,
    asked(packet),
  ]);
  return utf8Length(short) <= MOST ? short : `**Too long to show here.** Read it with the query \`gate\`.`;
}

const paragraphs = (parts: readonly string[]) => parts.filter((part) => part !== '').join('\n\n');

const hasMore = (packet: Packet) => packet.diff !== undefined || packet.plan !== undefined;

/** Nothing to decide here: the agent is asked, here or in a level's workflow, or a plan has its steps decided in theirs. */
function proposing(packet: Packet): string {
  const { status, outcome, reason, waitingFor, waitingOn, level } = packet;
  const held = waitingFor === undefined ? [] : ['**Waiting**', said(waitingFor)];
  if (status === 'closed')
    return paragraphs([
      `**Closed: ${outcome ?? 'failed'}**`,
      reason === undefined ? '' : said(reason),
      plan(packet),
      ...held,
    ]);
  if (packet.plan !== undefined)
    return paragraphs([
      plan(packet),
      waitingOn === undefined ? '' : `**To decide**, open the workflow ${code(waitingOn)}.`,
      ...held,
    ]);
  const asked =
    waitingOn === undefined
      ? '**Proposing.** The agent has been asked; nothing is open to decide yet.'
      : `**Waiting** for the agent at the level ${code(level ?? '')}, in the workflow ${code(waitingOn)}; nothing is open to decide yet.`;
  return paragraphs([asked, ...held]);
}

/** Where it stands, and the steps around it. */
function plan(packet: Packet): string {
  const told = planLines(packet, STEPS);
  if (told === undefined) return '';
  const root = (packet.root ?? packet).workflowId;
  const all = told.leftOut === 0 ? '' : `\n\nAll steps: ${code(commandOn('steps', root))}`;
  return `**The plan**\n\n${seen([told.heading, ...told.lines].join('\n'))}${all}`;
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

/** Part of what is signed. */
function undo({ undo: back }: Packet): string {
  if (back === undefined) return '';
  return `**What will run, if it is taken back**, signed with it: ${code(back.action)} with\n\n${shown(visibleJson(back.args))}`;
}

/** Texts word by word, everything else as RFC 6902. */
function difference({ diff, words = [], revision, workflowId }: Packet): string {
  if (diff === undefined) return '';
  const others = diff.filter(({ path }) => !words.some((one) => one.path === path));
  const lines = visible(others.map((one) => JSON.stringify(one)).join('\n'));
  const texts = words.map(({ path, changes }) => ({ path, spans: spansOf(changes) }));
  const cut = texts.some(({ spans }) => spans.some(({ op }) => op === 'omitted'));
  return paragraphs([
    `**Changed since revision ${String(revision - 1)}**${others.length > 0 || words.length === 0 ? ' (RFC 6902)' : ''}`,
    others.length > 0 || words.length === 0 ? shown(lines) : '',
    ...texts.flatMap(({ path, spans }) => [
      `${code(path)}, word by word (\`[-removed-]\`, \`{+added+}\`):`,
      seen(spans.map(marked).join('')),
    ]),
    cut ? `Words as they were are left out: ${code(commandOn('show', workflowId, '--full'))} has them.` : '',
  ]);
}

function preview(packet: Packet): string {
  return packet.preview === undefined ? '' : `**Preview**\n\n${shown(visibleJson(packet.preview))}`;
}

function claim({ proposal, failure, lessons }: Packet): string {
  if (proposal === undefined || failure !== undefined) return '';
  const evidence = (proposal.evidence ?? []).map(
    ({ label, value, href }) => `${label}: ${value}${href === undefined ? '' : ` <${href}>`}`,
  );
  const words = [proposal.title, proposal.rationale, ...evidence].filter((one) => one !== '').join('\n\n');
  const sensitive = proposal.sensitive ? ', sensitive' : '';
  const taught = lessons === undefined ? '' : `, shown ${String(lessons)} earlier edits and rejections`;
  return `**What the agent claims** (confidence ${String(proposal.confidence)}${sensitive}${taught})\n\n${said(words)}`;
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
    `- **Requester:** ${code(packet.requester)}, ${REQUESTER_WORDS[packet.requesterProof ?? 'claimed']}`,
    ...(packet.by === undefined ? [] : [`- **Proposed by:** ${code(packet.by)}`]),
    ...(packet.risk === undefined ? [] : [`- **Risk:** ${packet.risk}`]),
    ...(packet.callback === undefined ? [] : [`- **How it ends is sent to:** ${code(packet.callback)}`]),
    `- **Names:** ${NAMES[packet.authentication]}`,
  ].join('\n');
}

const NAMES: Readonly<Record<Packet['authentication'], string>> = {
  open: 'believed, not proven (open mode)',
  vouched:
    "proven, a front door has authenticated each reviewer, or the decision is signed with the reviewer's key",
  signed: "proven, each decision is signed with its reviewer's key",
};

function levelOf({ policy, level }: Packet): PeopleLevel | undefined {
  return policy?.levels.find(({ name }) => name === level);
}

function approvers({ approvers: { people = [], roles = [] } }: PeopleLevel): string {
  return [
    ...people.map((one) => (one === '*' ? 'anybody' : code(one))),
    ...roles.map((role) => `role ${code(role)}`),
  ].join(', ');
}

function quorum({ quorum: all, groups = [], signedAtLeast = 0 }: PeopleLevel): string {
  const own = signedAtLeast === 0 ? '' : `, at least ${String(signedAtLeast)} with a key of one's own`;
  if (groups.length === 0) return `${String(all)}${own}`;
  const each = groups.map(({ role, quorum: of }) => `${String(of)} of ${code(role)}`).join(' and ');
  return `${all > 1 ? `${String(all)}, among them ${each}` : each}${own}`;
}

function signer({ reviewer, onBehalfOf, authentication }: Packet['signatures'][number]): string {
  const behalf = onBehalfOf === undefined ? '' : ` on behalf of ${code(onBehalfOf)}`;
  return `${code(reviewer)}${behalf}${authentication === 'vouched' ? ' (vouched for)' : ''}`;
}

function afterSilence({ policy, level }: Packet): string {
  const rung = policy?.levels.findIndex(({ name }) => name === level) ?? -1;
  const here = policy?.levels[rung];
  const higher = policy?.levels[rung + 1];
  const means = here?.onSilence ?? policy?.onSilence;
  if (means === 'approve') return 'it counts as **approved**: the policy takes silence for consent';
  return means === 'escalate' && higher !== undefined ? `${code(higher.name)} is asked` : 'it expires';
}
