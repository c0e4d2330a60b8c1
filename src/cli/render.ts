/**
 * A gate as a person reads it at a terminal: the action from the very bytes that are hashed, the agent's claim apart,
 * labelled as such. What is left out is counted, and the way to see it is named.
 */
import type { Packet, PacketAtEnd } from '../client';
import { commandOn } from '../domain/paste';
import { isPlan, planLines } from '../domain/plan-lines';
import { visibleJson } from '../domain/visible';
import { asked } from './asked';
import { changed } from './changed';
import { visible, visibleId, visibleLine, type Colours } from './output';
import type { Seen } from './seen';

/** Lines of one part shown without `--full`. */
const LINES = 40;
/** Steps of a plan shown before and after the one it is about. */
const STEPS = 5;

export interface Rendered {
  readonly text: string;
  /** Lines left out: approving needs all of them seen. */
  readonly hidden: number;
}

export interface RenderOptions {
  readonly full: boolean;
  /** Also every step of a plan and every unchanged word, which stand elsewhere, too. @default as `full` */
  readonly whole?: boolean;
  readonly colours: Colours;
  /** What holds it up, of the execution itself. */
  readonly trouble?: string | undefined;
  /** What this person was shown last. */
  readonly seen?: Seen | undefined;
}

export function render(packet: PacketAtEnd, options: RenderOptions): Rendered {
  const { full, whole = full, colours, trouble, seen } = options;
  let hidden = 0;
  const part = ([heading, text]: Part): string[] => {
    const lines = text.split('\n');
    const shown = full ? lines : lines.slice(0, LINES);
    hidden += lines.length - shown.length;
    const more =
      lines.length > shown.length
        ? [`  … ${String(lines.length - shown.length)} lines hidden; --full shows them`]
        : [];
    return ['', colours.bold(heading), ...shown.map((line) => `  ${line}`), ...more];
  };
  const text = [
    `${colours.bold(visibleId(packet.workflowId))}  ${isPlan(packet) ? 'plan' : `gate ${visibleId(packet.gate)}`}  ${state(packet, colours)}`,
    ...[...standing(packet, trouble), ...question(packet, { seen, colours, whole })].flatMap(part),
    ...plan(atEnd(packet), whole, colours),
    ...asked(packet),
    ...(packet.digest === undefined
      ? []
      : ['', `digest ${visibleId(packet.digest)}  revision ${String(packet.revision)}`]),
    ...(packet.shown === undefined ? [] : [`shown  ${visibleId(packet.shown)}`]),
  ].join('\n');
  return { text: `${text}\n`, hidden };
}

export type Part = readonly [heading: string, text: string];

/** Where it stands, and why. */
function standing({ reason, waitingFor, failure }: Packet, trouble: string | undefined): Part[] {
  return [
    ...(reason === undefined ? [] : [['Reason', visible(reason)] as const]),
    ...(waitingFor === undefined ? [] : [['Waiting', visible(waitingFor)] as const]),
    ...(trouble === undefined ? [] : [['Trouble', visible(trouble)] as const]),
    ...(failure === undefined
      ? []
      : [
          ['The agent could not propose', `${visibleId(failure.code)}: ${visible(failure.message)}`] as const,
        ]),
  ];
}

function question(
  packet: Packet,
  options: { readonly seen: Seen | undefined; readonly colours: Colours; readonly whole: boolean },
): Part[] {
  const { proposal, failure, preview, undo } = packet;
  if (proposal === undefined) return [];
  const what = failure === undefined ? 'What runs, if approved' : 'What is asked instead';
  return [
    [`${what} (the bytes that are hashed)`, `${visibleId(proposal.action)} ${visibleJson(proposal.args)}`],
    ...(undo === undefined
      ? []
      : [
          [
            'What runs, if it is taken back (hashed and signed with it)',
            `${visibleId(undo.action)} ${visibleJson(undo.args)}`,
          ] as const,
        ]),
    ...changed(packet, options),
    ...(preview === undefined ? [] : [['Preview', visibleJson(preview)] as const]),
    ...(failure === undefined
      ? [["The agent's claim (words, not what runs)", claim(proposal, packet.lessons)] as const]
      : []),
  ];
}

/** A plan's lines tell by its outcome, which one that was terminated has none of. */
function atEnd(packet: PacketAtEnd): Packet {
  const { closedBy, outcome = ended(closedBy) as NonNullable<Packet['outcome']> } = packet;
  return closedBy === undefined ? packet : { ...packet, outcome };
}

/** Nothing of it is signed: steps that are left out are counted, and hide nothing of the question. */
function plan(packet: Packet, whole: boolean, colours: Colours): string[] {
  const shown = planLines(packet, whole ? undefined : STEPS);
  if (shown === undefined) return [];
  const all = visibleId(commandOn('steps', (packet.root ?? packet).workflowId));
  return [
    '',
    colours.bold('The plan'),
    `  ${shown.heading}`,
    ...shown.lines.map((line) => `  ${line}`),
    ...(shown.leftOut === 0 ? [] : [`  ${String(shown.leftOut)} steps are left out here; ${all} lists all`]),
  ];
}

function state({ status, outcome, closedBy }: PacketAtEnd, colours: Colours): string {
  if (status === 'closed') return `closed: ${visibleId(outcome ?? ended(closedBy))}`;
  return status === 'open' ? colours.yellow('open') : visibleId(status);
}

function ended(closedBy = ''): string {
  return closedBy.toLowerCase().replace('_', ' ');
}

function claim(proposal: NonNullable<Packet['proposal']>, lessons = 0): string {
  const { title, rationale, confidence, sensitive, evidence = [] } = proposal;
  return [
    visible(title),
    visible(rationale),
    ...evidence.map(
      ({ label, value, href }) =>
        `${visibleLine(label)}: ${visible(value)}${href === undefined ? '' : ` <${visibleLine(href)}>`}`,
    ),
    `confidence ${String(confidence)}${sensitive ? ', sensitive' : ''}`,
    ...(lessons === 0 ? [] : [`it was shown ${String(lessons)} that people had edited or rejected before`]),
  ].join('\n');
}
