/** A decision that can be pasted as it is, one for each person who is missing; only the name, a reason or the phrase is left to them. */
import {
  blockOf,
  type Block,
  type GradeFact,
  type HashesBlock,
  type HeadingBlock,
  type Offer,
  type PeopleFact,
} from '../domain/packet/blocks';
import type { Raw } from '../domain/packet/sentence';
import { commandOn } from '../domain/paste';
import type { Need } from '../domain/verdicts';
import { code, inline, literal } from './markdown';

/** Objects that are shown; whoever else is missing puts their own name into one. */
const PEOPLE = 5;

/** What a decision is made of. */
interface Question {
  readonly heading: HeadingBlock;
  readonly hashes: HashesBlock;
  readonly offered: readonly Offer[];
  readonly phrase: Raw<'id'> | undefined;
}

/** Empty where nothing is decided. */
export function paste(view: readonly Block[]): string {
  const heading = blockOf(view, 'heading');
  const hashes = blockOf(view, 'hashes');
  const offered = blockOf(view, 'verdicts')?.offered ?? [];
  const { grade = 'open' } = blockOf(view, 'grade') ?? {};
  if (heading?.open !== true || hashes === undefined) return '';
  const question = { heading, hashes, offered, phrase: blockOf(view, 'confirmation')?.phrase };
  if (grade !== 'open') return signed(question, grade);
  const missing = view.find((block): block is PeopleFact => 'label' in block && block.label === 'missing');
  return pasted(question, missing?.people.map(({ raw }) => raw) ?? []);
}

const SIGNING = { vouched: 'go to your front door, or ', signed: '' } as const;

function signed(question: Question, grade: Exclude<GradeFact['grade'], 'open'>): string {
  const { heading, hashes, offered } = question;
  const { digest, shown } = hashes;
  const named = `--digest ${digest.raw}${shown === undefined ? '' : ` --shown ${shown.raw}`}`;
  const flags = `--verdict approve --reviewer YOU --key YOUR.key.pem ${named}`;
  return [
    `**To decide**, ${SIGNING[grade]}sign your decision where your key is, and paste what it prints (*More Actions*, *Send a Signal*, \`decide\`):`,
    literal(commandOn('sign', heading.workflowId.raw, flags)),
    `Verdicts: ${verdicts(offered)}. ${needs(question)}`,
  ].join('\n\n');
}

/** What is offered first; the policy may leave it out. */
const LEADING: readonly string[] = ['approve', 'respond', 'reject', 'edit'];
/** What stands for it in the object. Sent as they are, those that would do something are refused: args are no text, nor is that a deadline. */
const PLACEHOLDERS: Readonly<Record<Need, unknown>> = {
  phrase: 'TYPE THE PHRASE',
  args: 'ALL-OF-THE-NEW-ARGS',
  to: 'THEIR-NAME',
  until: 'THE-NEW-DEADLINE',
  answer: 'YOUR-ANSWER',
  comment: 'WHY',
};

function pasted(question: Question, missing: readonly string[]): string {
  const { heading, hashes, offered } = question;
  const leads = LEADING.flatMap((one) => offered.filter(({ verdict }) => verdict.raw === one));
  const lead = leads[0] ?? offered[0];
  if (lead === undefined) return '';
  const verdict = lead.verdict.raw;
  const called = LEADING.includes(verdict) ? verdict : inline([lead.verdict]);
  const fields = Object.fromEntries(lead.needs.map((need) => [need, PLACEHOLDERS[need]]));
  const decisions = (missing.length === 0 ? ['YOUR-NAME'] : missing.slice(0, PEOPLE)).map((reviewer) => {
    const name = `${verdict}-${heading.gate.raw}-${String(hashes.revision)}-${reviewer}`;
    const id = name.slice(0, 200).trimEnd();
    return literal(JSON.stringify({ v: 1, id, verdict, reviewer, ...fields, digest: hashes.digest.raw }));
  });
  return [
    `**To ${called}**, choose *More Actions*, *Send a Signal*, ${code('decide')}, and paste ${which(missing.length)}:`,
    ...decisions,
    `Instead of ${inline([lead.verdict])}: ${verdicts(offered.filter((one) => one !== lead))}. ${needs(question)}Each decision needs an ${code('id')} of its own.`,
  ].join('\n\n');
}

function which(missing: number): string {
  if (missing === 0) return 'this, with your name in it';
  return missing === 1 ? 'this' : 'the one with your name';
}

function verdicts(offered: readonly Offer[]): string {
  return offered.map(({ verdict }) => inline([verdict])).join(', ');
}

const NEEDS = ['phrase', 'args', 'to', 'until', 'answer', 'comment'] as const;

/** A sentence for each field, and the verdicts that need it. */
function needs({ offered, phrase }: Question): string {
  return NEEDS.map((need) => {
    const those = offered.filter((one) => one.needs.includes(need));
    if (those.length === 0) return '';
    const exactly = need === 'phrase' && phrase !== undefined ? `, exactly: ${inline([phrase])}` : '';
    return `${verdicts(those)} ${those.length === 1 ? 'needs' : 'need'} ${code(need)}${exactly}. `;
  }).join('');
}
