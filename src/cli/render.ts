/**
 * A gate as a person reads it at a terminal: the action from the very bytes that are hashed, the agent's claim apart,
 * labelled as such. What is left out is counted, and the way to see it is named.
 */
import type { Packet } from '../client';
import { visibleJson } from '../domain/visible';
import { asked } from './asked';
import { visible, visibleId, visibleLine, type Colours } from './output';
import type { Seen } from './seen';

/** Lines of one part shown without `--full`. */
const LINES = 40;

export interface Rendered {
  readonly text: string;
  /** Lines left out: approving needs all of them seen. */
  readonly hidden: number;
}

export interface RenderOptions {
  readonly full: boolean;
  readonly colours: Colours;
  /** What holds it up, of the execution itself. */
  readonly trouble?: string | undefined;
  /** What this person was shown last. */
  readonly seen?: Seen | undefined;
}

export function render(packet: Packet, { full, colours, trouble, seen }: RenderOptions): Rendered {
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
    `${colours.bold(visibleId(packet.workflowId))}  gate ${visibleId(packet.gate)}  ${state(packet, colours)}`,
    ...[...standing(packet, trouble), ...question(packet, seen)].flatMap(part),
    ...asked(packet),
    ...(packet.digest === undefined
      ? []
      : ['', `digest ${visibleId(packet.digest)}  revision ${String(packet.revision)}`]),
  ].join('\n');
  return { text: `${text}\n`, hidden };
}

type Part = readonly [heading: string, text: string];

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

function question(packet: Packet, seen: Seen | undefined): Part[] {
  const { proposal, failure, preview } = packet;
  if (proposal === undefined) return [];
  const what = failure === undefined ? 'What runs, if approved' : 'What is asked instead';
  return [
    [`${what} (the bytes that are hashed)`, `${visibleId(proposal.action)} ${visibleJson(proposal.args)}`],
    ...changed(packet, seen),
    ...(preview === undefined ? [] : [['Preview', visibleJson(preview)] as const]),
    ...(failure === undefined
      ? [["The agent's claim (words, not what runs)", claim(proposal)] as const]
      : []),
  ];
}

/** Since the last revision; and since the one that this person saw, where that is an older one. */
function changed({ diff, revision }: Packet, seen: Seen | undefined): Part[] {
  const told = (operations: Seen['diff']) =>
    operations.map((one) => visible(JSON.stringify(one))).join('\n') || 'nothing but the revision';
  const last = diff === undefined ? undefined : revision - 1;
  const too = seen?.revision === last ? ', which you saw last' : '';
  return [
    ...(diff === undefined ? [] : [[`Changed since revision ${String(last)}${too}`, told(diff)] as const]),
    ...(seen === undefined || seen.revision === last
      ? []
      : [[`Changed since revision ${String(seen.revision)}, which you saw last`, told(seen.diff)] as const]),
  ];
}

function state(packet: Packet, colours: Colours): string {
  if (packet.status === 'closed') return `closed: ${visibleId(packet.outcome ?? '')}`;
  return packet.status === 'open' ? colours.yellow('open') : visibleId(packet.status);
}

function claim(proposal: NonNullable<Packet['proposal']>): string {
  const { title, rationale, confidence, sensitive, evidence = [] } = proposal;
  return [
    visible(title),
    visible(rationale),
    ...evidence.map(
      ({ label, value, href }) =>
        `${visibleLine(label)}: ${visible(value)}${href === undefined ? '' : ` <${visibleLine(href)}>`}`,
    ),
    `confidence ${String(confidence)}${sensitive ? ', sensitive' : ''}`,
  ].join('\n');
}
