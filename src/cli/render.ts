/**
 * A gate at a terminal: the blocks of its view one under the other, made visible and painted. Lines that are left out are counted, and
 * the way to see them is named.
 */
import type { Packet } from '../client';
import {
  evidenceText,
  isFact,
  type Block,
  type ChangesBlock,
  type ClaimBlock,
  type CodeBlock,
  type FactBlock,
  type HashesBlock,
  type HeadingBlock,
  type PlanBlock,
  type WordsBlock,
} from '../domain/packet/blocks';
import { planLines } from '../domain/packet/plan-text';
import { plainText, sentence, type Sentence } from '../domain/packet/sentence';
import { gateView, type PacketInView, type Reader } from '../domain/packet/view';
import { visible, visibleJson } from '../domain/visible';
import { marked, spansOf, type Span } from '../domain/words-shown';
import { local, type Colours } from './output';

/** Lines of one part shown without `--full`. */
const LINES = 40;
/** Steps of a plan shown before and after the one it is about. */
const STEPS = 5;

export interface Rendered {
  readonly text: string;
  /** Lines left out: approving needs all of them seen. */
  readonly hidden: number;
}

export interface RenderOptions extends Reader {
  readonly full: boolean;
  /** Also every step of a plan and every unchanged word, which stand elsewhere, too. @default as `full` */
  readonly whole?: boolean;
  readonly colours: Colours;
}

type Laid = Pick<RenderOptions, 'full' | 'colours'> & { readonly whole: boolean };
interface Part {
  readonly lines: readonly string[];
  readonly hidden?: number;
}

export function render(packet: PacketInView, options: RenderOptions): Rendered {
  const { full, whole = full, colours } = options;
  const view = gateView(packet, options);
  const parts = view.map((block) => partOf(block, { full, whole, colours }));
  const facts = view.findIndex(isFact);
  const lines = parts.flatMap((part, index) => [...(index === facts ? [''] : []), ...part.lines]);
  return { text: `${lines.join('\n')}\n`, hidden: parts.reduce((sum, { hidden = 0 }) => sum + hidden, 0) };
}

/** The rows of a gate, label by label. @param only labels; all of them where it is left out */
export function factLines(packet: Packet, only?: readonly FactBlock['label'][]): string[] {
  const rows = gateView(packet).filter(isFact);
  return rows.filter(({ label }) => only?.includes(label) ?? true).map(factLine);
}

function partOf(block: Block, laid: Laid): Part {
  switch (block.kind) {
    case 'heading':
      return { lines: [headingLine(block, laid.colours)] };
    case 'words':
      return section(block.heading, wordsText(block), laid);
    case 'code':
      return section(titled(block), codeText(block), laid);
    case 'changes':
      return section(block.heading, changesText(block, laid), laid);
    case 'claim':
      return section(titled(block), claimText(block), laid);
    case 'plan':
      return { lines: planPart(block, laid) };
    case 'hashes':
      return { lines: hashLines(block) };
    default:
      return { lines: [factLine(block)] };
  }
}

const textOf = (of: Sentence) => plainText(of, local);

function headingLine({ workflowId, of, gate, state, open }: HeadingBlock, { bold, yellow }: Colours): string {
  const what = of === 'plan' ? ['plan'] : sentence`gate ${gate}`;
  return `${bold(textOf([workflowId]))}  ${textOf(what)}  ${open ? yellow(textOf(state)) : textOf(state)}`;
}

function section(heading: string, text: string, { full, colours }: Laid): Part {
  const all = text.split('\n');
  const shown = full ? all : all.slice(0, LINES);
  const hidden = all.length - shown.length;
  const more = hidden === 0 ? [] : [`  … ${String(hidden)} lines hidden; --full shows them`];
  return { lines: ['', colours.bold(heading), ...shown.map((line) => `  ${line}`), ...more], hidden };
}

function titled({ heading, note }: { readonly heading: string; readonly note?: string }): string {
  return note === undefined ? heading : `${heading} (${note})`;
}

function wordsText({ code, words }: WordsBlock): string {
  return textOf(code === undefined ? [words] : sentence`${code}: ${words}`);
}

function codeText({ action, data }: CodeBlock): string {
  const text = visibleJson(data.raw);
  return action === undefined ? text : `${textOf([action])} ${text}`;
}

function changesText(block: ChangesBlock, { colours, whole }: Laid): string {
  const { operations, texts, nothing, omitted } = block;
  const spans = texts.map(({ changes }) => spansOf(changes.raw, whole));
  const cut = spans.flat().some(({ op }) => op === 'omitted');
  return [
    ...operations.map(({ raw }) => visible(JSON.stringify(raw))),
    ...texts.flatMap(({ path }, index) => [
      `${textOf([path])}, word by word ([-removed-], {+added+}):`,
      (spans[index] ?? []).map((span) => painted(span, colours)).join(''),
    ]),
    ...(nothing === undefined ? [] : [nothing]),
    ...(cut ? [`(${textOf(omitted)})`] : []),
  ].join('\n');
}

/** Each line by itself: lines may be left out. */
function painted(span: Span, colours: Colours): string {
  const paint = { removed: colours.red, added: colours.green, omitted: colours.dim, same: String }[span.op];
  return marked(span)
    .split('\n')
    .map((line) => paint(line))
    .join('\n');
}

function claimText({ words, evidence, remarks }: ClaimBlock): string {
  const lines = [...words.map((one) => [one]), ...evidence.map(evidenceText), ...remarks];
  return lines.map(textOf).join('\n');
}

/** Nothing of it is signed: steps that are left out are counted, and hide nothing of the question. */
function planPart(plan: PlanBlock, { whole, colours }: Laid): string[] {
  const { heading, lines, more } = planLines(plan, whole ? undefined : STEPS);
  const all = [heading, ...lines, ...(more === undefined ? [] : [textOf(more)])];
  return ['', colours.bold(plan.heading), ...all.map((line) => `  ${line}`)];
}

function factLine(fact: FactBlock): string {
  const says = fact.kind === 'elsewhere' ? sentence`${fact.says} (${fact.show})` : fact.says;
  return `${fact.label.padEnd(11)} ${textOf(says)}`;
}

function hashLines({ digest, revision, shown }: HashesBlock): string[] {
  return [
    '',
    textOf(sentence`digest ${digest}  revision ${revision}`),
    ...(shown === undefined ? [] : [textOf(sentence`shown  ${shown}`)]),
  ];
}
