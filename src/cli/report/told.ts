/** One question on the page: its line in the table of all, and how it went. */
import { DECIDING, textOf, type Decided, type Question, type Told } from '../../domain/report';
import type { Heard } from '../../domain/report-whole';
import { sentence } from './facts';
import {
  h,
  joined,
  json,
  lasted,
  list,
  NOTHING,
  row,
  short,
  some,
  table,
  when,
  words,
  type Html,
} from './html';

export const GATE_HEADS = [
  'What',
  'Asked for by',
  'Put to people',
  'Decided by',
  'After',
  'Level, confirmation',
  'Revision, digest',
  'Ran under the key',
  'Ended',
];

/** @param nth of the question on the page */
export function lineOf(question: Question, heard: Heard, nth: number): Html {
  const { faults } = heard;
  const { requester, opened, waited, executed, approved, closed, confirmation, action } = question;
  const { workflowId } = heard.story.chain;
  const of = question.level === undefined ? NOTHING : h` (level of ${words(question.level.workflowId)})`;
  const where = h`<small>${actionOf(action)}, ${words(workflowId)}${of}</small>`;
  const what = h`<a href="#q${nth}">${words(titleOf(question))}</a><br>${where}`;
  const put = question.facts.filter(({ type }) => type === 'opened' || type === 'revised').at(-1);
  const last = question.decisions.at(-1)?.level ?? question.level?.name;
  const level = approved?.level ?? last ?? textOf(put?.['level']);
  const revision = approved ?? put;
  const nothing = question.level === undefined ? h`nothing ran` : h`its owner's to run`;
  return row([
    faults.length === 0 ? what : h`${what}<br><strong>does not hold</strong>`,
    words(requester),
    when(opened),
    deciders(question),
    lasted(waited),
    joined(
      [level, confirmation].filter((one) => one !== '').map((one) => words(one)),
      '<br>',
    ),
    revision === undefined
      ? NOTHING
      : h`${words(String(revision['revision']))}<br>${short(String(revision['digest']))}`,
    executed === undefined ? nothing : short(executed.key),
    closed === undefined ? h`not on record` : words(closed.outcome),
  ]);
}

function deciders({ decisions, approved }: Question): Html {
  const deciding = decisions.filter(({ verdict }) => DECIDING.includes(verdict));
  if (deciding.length > 0)
    return joined(
      deciding.map((one) => h`${words(one.reviewer)}: ${words(one.verdict)} <small>${proof(one)}</small>`),
      '<br>',
    );
  if (approved === undefined) return h`nobody`;
  return approved.signers.length > 0
    ? joined(approved.signers.map((one) => words(one)))
    : words(approved.basis);
}

const proof = ({ signed }: Pick<Decided, 'signed'>) => (signed ? h`proven` : h`believed`);
const titleOf = ({ title, level }: Question) =>
  title !== '' ? title : level === undefined ? '(no title)' : level.name;
const actionOf = (action: string) => (action === '' ? h`nothing was proposed` : words(action));

export function articleOf(question: Question, heard: Heard, nth: number): Html {
  const { level, requester, by, action, signedOnly, decisions, facts } = question;
  const { story } = heard;
  const about = list([
    ['Workflow', h`${words(story.chain.workflowId)}, first run ${words(story.chain.firstRunId)}`],
    ['Asked as', level === undefined ? NOTHING : h`level ${words(level.name)} of ${words(level.workflowId)}`],
    ['Action', actionOf(action)],
    ['Asked for by', h`${words(requester)}, as the start claims`],
    ['Proposed by', words(by)],
    ['Decisions', signedOnly ? h`signed ones alone` : h`in open mode, where names are believed`],
    ['Its chain', chainOf(heard)],
  ]);
  const taken =
    decisions.length === 0 ? NOTHING : table('Decisions', DECISION_HEADS, decisions.map(decisionCells));
  return article(nth, titleOf(question), heard, h`${about}${taken}${course(facts)}`);
}

/** What is told of a chain beside its questions. */
export function othersOf(heard: Heard, nth: number): Html {
  const { chain, others } = heard.story;
  const about = list([
    ['First run', words(chain.firstRunId)],
    ['Its chain', chainOf(heard)],
  ]);
  return article(nth, chain.workflowId, heard, h`${about}${course(others)}`);
}

function article(nth: number, title: string, { faults }: Heard, content: Html): Html {
  const places = faults.map(({ message }) => h`<li>${words(message)}</li>`);
  const broken =
    faults.length === 0
      ? NOTHING
      : h`<div class="broken"><p><strong>This chain does not hold.</strong> It is told as it stands in the store, and not counted in the figures.</p><ul>${places}</ul></div>\n`;
  return h`<article id="q${nth}"><h3>${words(title)}</h3>\n${broken}${content}</article>\n`;
}

const DECISION_HEADS = [
  'Who',
  'The name is',
  'Verdict',
  'When',
  'After',
  'Level',
  'Confirmation',
  'Revision',
  'Digest',
  'Said',
];

function decisionCells(one: Decided): Html[] {
  const { comment, ...more } = one.said;
  return [
    words(one.reviewer),
    proof(one),
    words(one.verdict),
    when(one.at),
    lasted(one.after),
    words(one.level),
    words(one.confirmation),
    words(String(one.revision)),
    short(one.digest),
    h`${comment === undefined ? NOTHING : words(textOf(comment))}${Object.keys(more).length === 0 ? NOTHING : json(more)}`,
  ];
}

function course(told: readonly Told[]): Html {
  const cells = told.map((fact) => [words(String(fact.seq)), when(fact.at), sentence(fact)]);
  return table('All of it, in order', ['Entry', 'When (UTC)', 'What'], cells);
}

function chainOf({ story, faults, branches }: Heard): Html {
  const size = h`${some(story.entries, 'entry', 'entries')}, the last has the hash ${short(story.head)}`;
  const more =
    branches === 0
      ? NOTHING
      : h`; ${branches} more branch off, left by an attempt that was cut off or a run before a reset`;
  return faults.length === 0 ? h`holds: ${size}${more}` : h`<strong>does not hold</strong>: ${size}${more}`;
}
