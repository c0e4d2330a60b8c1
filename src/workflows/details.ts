/**
 * What the Temporal Web UI shows of a gate: the blocks of its view in Markdown, and a decision that can be pasted as it is. The server
 * keeps 20,000 bytes and the column is narrow, so less of it is shown than at a terminal.
 */
import { utf8Length } from '../domain/json';
import {
  evidenceText,
  isFact,
  type Block,
  type ChangesBlock,
  type ClaimBlock,
  type CodeBlock,
  type FactBlock,
  type HeadingBlock,
  type PlanBlock,
  type WordsBlock,
} from '../domain/packet/blocks';
import { planLines } from '../domain/packet/plan-text';
import { plainText, type Sentence } from '../domain/packet/sentence';
import { gateView, type PacketInView } from '../domain/packet/view';
import { commandOn } from '../domain/paste';
import { visible, visibleJson } from '../domain/visible';
import { marked, spansOf } from '../domain/words-shown';
import { paste } from './details-paste';
import { code, inline, seen, shown } from './markdown';

/** Bytes; what does not fit is said, with how to see it. */
const MOST = 19_000;
/** Steps of a plan shown before and after the one it is about. */
const STEPS = 3;
/** What is left out first; none of it is signed. */
const FIRST: readonly Block['kind'][] = ['changes', 'plan'];

export function details(packet: PacketInView): string {
  const view = gateView(packet);
  const blocks = view.filter((block) => !isFact(block));
  const labels = labelsAt(packet);
  const facts = view.filter(isFact).filter(({ label }) => labels.includes(label));
  const rows = facts.map(row).join('\n');
  const decide = paste(view);
  const whole = paragraphs([...blocks.map(paragraph), rows, decide]);
  if (utf8Length(whole) <= MOST) return whole;
  const all = `${code(commandOn('show', packet.workflowId, '--full'))}, or the query ${code('gate')}`;
  const rest = blocks.filter(({ kind }) => !FIRST.includes(kind));
  const less = `**What changed, and the plan, are too long to show here:** ${all}.`;
  const without = paragraphs([...rest.map(paragraph), less, rows, decide]);
  if (rest.length < blocks.length && utf8Length(without) <= MOST) return without;
  const short = paragraphs([
    ...blocks.slice(0, 1).map(paragraph),
    `**The proposal is too long to show here: ${String(utf8Length(whole))} bytes.** Read all of it before you decide: ${all}.`,
    rows,
  ]);
  return utf8Length(short) <= MOST ? short : `**Too long to show here.** Read it with the query \`gate\`.`;
}

const paragraphs = (parts: readonly string[]) => parts.filter((part) => part !== '').join('\n\n');

/** While people decide here, who they are and how; before that, whom it waits for. The object to paste says what it needs itself. */
const OPEN: readonly FactBlock['label'][] = [
  ...(['asked', 'signed', 'rejected', 'missing', 'delegated', 'passed up', 'until'] as const),
  ...(['requester', 'proposed by', 'risk', 'sent to', 'names'] as const),
];
const PENDING: readonly FactBlock['label'][] = ['asked', 'decide on'];

function labelsAt({ status }: PacketInView): readonly FactBlock['label'][] {
  if (status === 'open') return OPEN;
  return status === 'proposing' || status === 'waiting' ? PENDING : [];
}

function row({ label, says }: FactBlock): string {
  return `- **${label.charAt(0).toUpperCase()}${label.slice(1)}:** ${inline(says)}`;
}

/** Empty of what the Web UI leaves out: the hashes stand in what is pasted. */
function paragraph(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return heading(block);
    case 'words':
      return words(block);
    case 'code':
      return data(block);
    case 'changes':
      return changes(block);
    case 'claim':
      return claim(block);
    case 'plan':
      return plan(block);
    default:
      return '';
  }
}

function heading({ of, gate, revision, state }: HeadingBlock): string {
  const what = of === 'plan' ? 'Plan' : `Gate ${inline([gate])}`;
  return `**${what}${revision === 0 ? '' : `, revision ${String(revision)}`}, ${inline(state)}**`;
}

function words({ heading: what, code: why, words: said }: WordsBlock): string {
  const title = why === undefined ? `**${what}**` : `**${what}:** ${inline([why])}`;
  return `${title}\n\n${text([said])}`;
}

function data({ heading: what, note, action, data: { raw } }: CodeBlock): string {
  const noted = note === undefined ? '' : ` (${note})`;
  const acts = action === undefined ? '' : `: ${inline([action])} with`;
  return `**${what}**${noted}${acts}\n\n${shown(visibleJson(raw))}`;
}

function changes({ heading: since, operations, texts, nothing, omitted }: ChangesBlock): string {
  const spans = texts.map(({ changes: reworded }) => spansOf(reworded.raw));
  const cut = spans.flat().some(({ op }) => op === 'omitted');
  return paragraphs([
    `**${since}**${nothing === undefined ? '' : `: ${nothing}`}`,
    operations.length === 0
      ? ''
      : shown(operations.map(({ raw }) => visible(JSON.stringify(raw))).join('\n')),
    ...texts.flatMap(({ path }, index) => [
      `${inline([path])}, word by word (\`[-removed-]\`, \`{+added+}\`):`,
      seen((spans[index] ?? []).map(marked).join('')),
    ]),
    cut ? `(${inline(omitted)})` : '',
  ]);
}

function claim({ heading: whose, note, words: said, evidence, remarks }: ClaimBlock): string {
  const lines = [...said.map((one) => [one]), ...evidence.map(evidenceText)];
  const remarked = remarks.map(inline).join('; ');
  return `**${whose}** (${note}), ${remarked}\n\n${seen(lines.map((one) => plainText(one)).join('\n\n'))}`;
}

/** Where it stands, and the steps around it. */
function plan(block: PlanBlock): string {
  const { heading: stands, lines, more } = planLines(block, STEPS);
  return paragraphs([
    `**${block.heading}**`,
    seen([stands, ...lines].join('\n')),
    more === undefined ? '' : inline(more),
  ]);
}

/** Words over any number of lines: outside code the Web UI makes links of addresses, and quotes and dashes of its own. */
function text(of: Sentence): string {
  return seen(plainText(of));
}
