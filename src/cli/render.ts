/**
 * A gate as a person reads it at a terminal: the action from the very bytes that are hashed, the agent's claim apart,
 * labelled as such. What is left out is counted, and the way to see it is named.
 */
import type { Packet } from '../client';
import { local, visible, visibleId, visibleLine, type Colours } from './output';
import { visibleJson } from '../domain/visible';

/** Lines of one part shown without `--full`. */
const LINES = 40;

export interface Rendered {
  readonly text: string;
  /** Lines left out: approving needs all of them seen. */
  readonly hidden: number;
}

export function render(
  packet: Packet,
  {
    full,
    colours,
    trouble,
  }: { readonly full: boolean; readonly colours: Colours; readonly trouble?: string | undefined },
): Rendered {
  let hidden = 0;
  const part = (heading: string, text: string): string[] => {
    const lines = text.split('\n');
    const shown = full ? lines : lines.slice(0, LINES);
    hidden += lines.length - shown.length;
    const more =
      lines.length > shown.length
        ? [`  … ${String(lines.length - shown.length)} lines hidden; --full shows them`]
        : [];
    return ['', colours.bold(heading), ...shown.map((line) => `  ${line}`), ...more];
  };
  const { proposal } = packet;
  const lines = [
    `${colours.bold(visibleId(packet.workflowId))}  gate ${visibleId(packet.gate)}  ${state(packet, colours)}`,
    ...(packet.reason === undefined ? [] : part('Reason', visible(packet.reason))),
    ...(packet.waitingFor === undefined ? [] : part('Waiting', visible(packet.waitingFor))),
    ...(trouble === undefined ? [] : part('Trouble', visible(trouble))),
  ];
  if (packet.failure !== undefined)
    lines.push(
      ...part(
        'The agent could not propose',
        `${visibleId(packet.failure.code)}: ${visible(packet.failure.message)}`,
      ),
    );
  if (proposal !== undefined) {
    const { action, args } = proposal;
    lines.push(
      ...part(
        packet.failure === undefined
          ? 'What runs, if approved (the bytes that are hashed)'
          : 'What is asked instead (the bytes that are hashed)',
        `${visibleId(action)} ${visibleJson(args)}`,
      ),
    );
    if (packet.diff !== undefined)
      lines.push(
        ...part(
          `Changed since revision ${String(packet.revision - 1)}`,
          packet.diff.map((one) => visible(JSON.stringify(one))).join('\n'),
        ),
      );
    if (packet.preview !== undefined) lines.push(...part('Preview', visibleJson(packet.preview)));
    if (packet.failure === undefined)
      lines.push(...part("The agent's claim (words, not what runs)", claim(proposal)));
  }
  lines.push(...asked(packet));
  if (packet.digest !== undefined)
    lines.push('', `digest ${packet.digest}  revision ${String(packet.revision)}`);
  return { text: `${lines.join('\n')}\n`, hidden };
}

function state(packet: Packet, colours: Colours): string {
  if (packet.status === 'closed') return `closed: ${packet.outcome ?? ''}`;
  return packet.status === 'open' ? colours.yellow('open') : packet.status;
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

function asked(packet: Packet): string[] {
  const level = packet.policy?.levels[0];
  if (level === undefined) return [];
  const people = (level.approvers.people ?? [])
    .map((one) => (one === '*' ? 'anybody' : visibleId(one)))
    .join(', ');
  const signed = packet.signatures.map(({ reviewer }) => visibleId(reviewer)).join(', ') || 'nobody yet';
  return [
    '',
    `asked       ${visibleId(level.name)}: ${people}; ${String(packet.signatures.length)} of ${String(level.quorum)} signatures (${signed})`,
    `until       ${local(packet.deadline)}; silence: expires`,
    `requester   ${visibleId(packet.requester)}, as claimed`,
    `names       believed, not proven (open mode)`,
    ...(packet.verdicts.length > 0 ? [`you may     ${packet.verdicts.join(', ')}`] : []),
  ];
}
