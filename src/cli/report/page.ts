/** The page around what is told: what holds, figures, styles. No script, nothing from elsewhere; its own policy forbids both. */
import { createHash } from 'node:crypto';
import type { Asked, Count, Figures, Verdicts } from '../../domain/report-figures';
import type { Whole } from '../../domain/report-whole';
import { h, lasted, list, NOTHING, some, table, when, words, type Html } from './html';
import { STYLE } from './style';

export interface About {
  readonly asked: Asked;
  /** ISO 8601 UTC. */
  readonly made: string;
  /** Which store. */
  readonly from: string;
}

export function head(whole: Whole, about: About): Html {
  const styled = createHash('sha256').update(STYLE).digest('base64');
  return h`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${styled as Html}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Countersign: audit report</title>
<style>${STYLE as Html}</style>
</head>
<body>
<main>
<h1>Audit report</h1>
${subject(about)}${holding(whole)}${names(whole.figures)}${figures(whole.figures)}`;
}

export const FOOT = h`</main>\n</body>\n</html>\n`;

function subject({ asked: { from, to, actions }, made, from: store }: About): Html {
  const instant = (at: number) => when(new Date(at).toISOString());
  return list([
    ['From', from === undefined ? h`the beginning` : instant(from)],
    ['Until', to === undefined ? h`now` : h`before ${instant(to)}`],
    ['Actions', actions === undefined ? h`all` : h`${actions.map((one) => h`${words(one)} `)}`],
    ['Made', h`${when(made)}, all times in UTC`],
    ['Read from', words(store)],
  ]);
}

function holding({ holds, chains, entries, branches, broken, places, faults }: Whole): Html {
  const size = h`${some(chains, 'chain')}, ${some(entries, 'entry', 'entries')}`;
  const beside =
    branches === 0
      ? NOTHING
      : h` ${branches} of them branch off, left by attempts that were cut off or by runs before a reset;
        figures leave them out.`;
  const rest = places - faults.length;
  const rows = faults.map(({ workflowId, firstRunId, seq, message }) => [
    words(workflowId),
    words(firstRunId),
    words(String(seq)),
    words(message),
  ]);
  const what = table('What does not hold', ['Workflow', 'First run', 'Entry', 'What is wrong'], rows);
  const more =
    rest === 0
      ? NOTHING
      : h`<p>… and ${some(rest, 'more place', 'more places')}, each told with its chain, or by <code>countersign audit verify</code>.</p>`;
  return h`<section aria-labelledby="record"><h2 id="record">Does the record hold?</h2>
${
  holds
    ? h`<p class="holds"><strong>Yes: every chain holds.</strong> ${size}: each entry has the hash of its text and follows the one before it; levels and steps ended where their owner says.${beside}</p>`
    : h`<p class="broken"><strong>No: ${some(broken, 'chain')} ${broken === 1 ? h`does` : h`do`} not hold</strong>, in ${some(places, 'place')}. ${size}.${beside} What does not hold is told below as it stands, and not counted in the figures.</p>
${what}${more}`
}
<p>This looks at the whole store, by itself. A tail that was cut, or an older copy put back, shows beside the checkpoints and Temporal alone: <code>countersign audit verify</code>. A gate that is still open is on record once it is approved or ends.</p>
</section>
`;
}

function names({ all, countersBack }: Figures): Html {
  const total = all.decisions + all.otherWords;
  const believed = total - all.signed;
  const told =
    total === 0
      ? h`Nobody has decided anything.`
      : believed === 0
        ? h`<strong>All names are proven.</strong> Each decision was signed with its reviewer's key, and that was checked when it was admitted.`
        : all.signed === 0
          ? h`<strong>All names are believed.</strong> Decisions were taken in open mode, in which whoever reaches the workflow may claim any name.`
          : h`<strong>${all.signed} of ${total} names are proven</strong> by a signature that was checked when the decision was admitted. The others are believed: open mode, in which whoever reaches the workflow may claim any name.`;
  return h`<section aria-labelledby="names"><h2 id="names">Are names proven?</h2>
<p>${told} Who asked for something is as the start claims.</p>
${counters(countersBack)}</section>
`;
}

function counters({ count, first }: Figures['countersBack']): Html {
  if (count === 0) return NOTHING;
  const rows = first.map(({ person, key, before, now, workflowId, at }) => [
    ...[words(person), words(key), h`${now} after ${before}`, words(workflowId), when(at)],
  ]);
  const rest =
    count === first.length
      ? NOTHING
      : h`<p>… and ${some(count - first.length, 'more time', 'more times')}.</p>\n`;
  const heads = ['Who', 'Key', 'It counts', 'Workflow', 'When'];
  return h`<p>A passkey whose counter did not grow may have been copied; nothing was refused for it. Ask whoever signed whether it was her.</p>
${table('Counters that did not grow', heads, rows)}${rest}`;
}

function figures(all: Figures): Html {
  const { silence, found } = all;
  const ended = [
    [h`put to people, or told`, h`${all.asked}`],
    [h`ended before`, h`${all.unasked}`],
    ...all.outcomes.map(counted),
    [h`effects that ran`, h`${all.executed}`],
    [h`of these without a receipt: whoever may complete an activity can say so`, h`${all.withoutReceipt}`],
    [h`completed by hand: whether they had an effect is not known`, h`${all.completedByHand}`],
    [
      h`acted on where earlier histories were gone: what was sent there was not read`,
      h`${all.historiesGone}`,
    ],
    ...all.approvals.map(({ name, count }) => [h`approved on ${words(name)}`, h`${count}`]),
    [h`median wait, until approved or ended`, lasted(all.medianWait)],
  ];
  const silent = [
    [h`expired`, h`${silence.expired}`],
    [h`passed up`, h`${silence.escalations}`],
    [h`approved by silence`, h`${silence.approvedBySilence}`],
    [h`reminders`, h`${silence.reminders}`],
    [h`warnings`, h`${silence.warnings}`],
    [h`deadlines moved`, h`${silence.extensions}`],
  ];
  const refused = [
    ...all.refusals.map(counted),
    [h`repeats of a decision`, h`${all.repeats}`],
    [h`unknown signals`, h`${all.unknownSignals}`],
  ];
  const compared = [
    [h`comparisons`, h`${found.comparisons}`],
    [h`found ended, unknown to the record`, h`${found.ended}`],
    [h`forks explained`, h`${found.forksExplained}`],
    [h`does not match`, h`${found.mismatches}`],
  ];
  return h`<section aria-labelledby="figures"><h2 id="figures">Figures</h2>
<p>They count what happened in the time above. “After” is the time from when a revision was put to people until they decided.</p>
<div class="side">
${table('How gates ended', ['What', 'How many'], ended)}${table('What people said', ['What', 'How often', 'Share'], verdictRows(all.all))}${table('Refused', ['Code', 'How often'], refused)}${table('Silence and passing up', ['What', 'How often'], silent)}${found.comparisons === 0 ? NOTHING : table('Compared with Temporal', ['What', 'How often'], compared)}</div>
${found.comparisons === 0 ? h`<p>The record was not compared with what Temporal knows in this time: <code>countersign reconcile</code>.</p>\n` : NOTHING}
${table('By person', verdictHeads('Who'), all.people.map(verdictCells))}${table('By action', verdictHeads('Action'), all.actions.map(verdictCells))}</section>
`;
}

const counted = ({ name, count }: Count): Html[] => [words(name), h`${count}`];

function verdictRows(all: Figures['all']): Html[][] {
  const share = (count: number) =>
    all.decisions === 0 ? NOTHING : h`${Math.round((count / all.decisions) * 100)} %`;
  const line = (name: Html, count: number) => [name, h`${count}`, share(count)];
  return [
    line(h`approve`, all.approvals),
    line(h`edit`, all.edits),
    line(h`reject`, all.rejections),
    line(h`send back`, all.sentBack),
    line(h`answer`, all.answers),
    line(h`pass up`, all.passedUp),
    [h`other words`, h`${all.otherWords}`, NOTHING],
    [h`median after`, lasted(all.median), NOTHING],
  ];
}

const verdictHeads = (first: string) => [
  first,
  'Decisions',
  'Median after',
  'Approvals',
  'Edits',
  'Rejections',
  'Sent back',
  'Answers',
  'Passed up',
  'Other words',
  'Signed',
];

function verdictCells(one: Verdicts): Html[] {
  const counts = [
    ...[one.approvals, one.edits, one.rejections, one.sentBack, one.answers, one.passedUp, one.otherWords],
    one.signed,
  ];
  return [
    one.name === '' ? h`nothing was proposed` : words(one.name),
    h`${one.decisions}`,
    lasted(one.median),
    ...counts.map((count) => h`${count}`),
  ];
}
