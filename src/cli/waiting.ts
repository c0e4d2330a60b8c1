/** What a command says while it waits for an end: whom or what it waits for, said again whenever that has changed. */
import type { WaitingFor } from '../app/follow';
import { approvers, levelOf } from '../domain/packet/people';
import { planHeading } from '../domain/packet/plan-text';
import { plainText } from '../domain/packet/sentence';
import type { Deps } from './command';
import { local, visibleId, visibleLine } from './output';

/** Undefined where nobody watches: it is said once that the command waits, and no workflow is asked. */
export function progressOn(
  { streams }: Pick<Deps, 'streams'>,
  workflowId: string,
): ((waits: WaitingFor) => void) | undefined {
  if (!streams.watched) {
    streams.err(`${visibleId(workflowId)} waits.\n`);
    return undefined;
  }
  let before = '';
  return (waits) => {
    const line = `${visibleId(workflowId)} waits for ${whatFor(waits)}. Ctrl-C stops this command alone.\n`;
    if (line !== before) streams.err(line);
    before = line;
  };
}

function whatFor(waits: WaitingFor): string {
  switch (waits.for) {
    case 'step':
      return `${visibleId(waits.packet.waitingOn ?? '')} (${planHeading(waits.packet)})`;
    case 'level':
      return `the level that ${visibleId(waits.workflowId)} asks`;
    case 'trouble':
      return visibleLine(waits.sentence);
    case 'end':
      return waits.status === undefined ? 'its end' : `its end; it is ${visibleId(waits.status)}`;
    case 'people': {
      const level = levelOf(waits.packet);
      const whom = level === undefined ? [] : approvers(level);
      return `a decision by ${plainText(whom)}, until ${local(waits.packet.deadline)}`;
    }
  }
}
