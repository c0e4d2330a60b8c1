/** What is said of a notice, the same on every channel: here an agent's words are made visible before anybody sees them. */
import type { Notice } from '../../domain/gate/notice';
import { visibleId, visibleLine } from '../../domain/visible';
import { linkTo } from './link';

/** Plain text in every field, to be escaped like any other where it is shown as HTML or Markdown. */
export interface Told {
  /** An id of printable ASCII is itself; anything else in it is shown by its code. */
  readonly workflowId: string;
  readonly gate: string;
  readonly revision: number;
  readonly level: string;
  /** `*` is anybody. */
  readonly people: readonly string[];
  readonly action: string;
  /** The agent's words; at most 200 characters. */
  readonly title: string;
  readonly risk: string;
  readonly requester: string;
  readonly deadline?: string;
  readonly outcome?: string;
  /** At most 500 characters. */
  readonly reason?: string;
  readonly link?: string;
}

const TITLE = 200;
const REASON = 500;

/** @param link a template; undefined: there is none */
export function toldOf(notice: Notice, link: string | undefined): Told {
  const { workflowId, gate, revision, level, people, action, title, risk, requester } = notice;
  const { deadline, outcome, reason } = notice;
  return {
    workflowId: visibleId(workflowId),
    gate: visibleId(gate),
    revision,
    level: visibleId(level),
    people: people.map(visibleId),
    action: visibleId(action),
    title: short(title, TITLE),
    risk: visibleId(risk),
    requester: visibleId(requester),
    ...(deadline === undefined ? {} : { deadline }),
    ...(outcome === undefined ? {} : { outcome: visibleId(outcome) }),
    ...(reason === undefined ? {} : { reason: short(reason, REASON) }),
    ...(link === undefined ? {} : { link: linkTo(link, workflowId) }),
  };
}

/** One visible line of at most `length` characters that says so where it was cut. */
function short(text: string, length: number): string {
  const characters = [...visibleLine(text)];
  if (characters.length <= length) return characters.join('');
  const note = `… (cut: ${characters.length} characters in all)`;
  const kept = characters.slice(0, length - [...note].length).join('');
  return `${kept.replace(/‹[^›]*$/, '')}${note}`; // never half a code
}
