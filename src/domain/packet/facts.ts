/** What a view says of a gate in rows: whom it asks, until when and what silence means, who has asked, and what may be said. */
import { GRADES } from '../grade';
import { commandOn } from '../paste';
import type { Packet } from '../packet';
import { silence, type OnSilence, type PeopleLevel } from '../policy';
import { VERDICTS } from '../verdicts';
import type { RequesterProof } from '../gate/shown-hash';
import type {
  ConfirmationFact,
  DeadlineFact,
  ElsewhereFact,
  FactBlock,
  GradeFact,
  PlainFact,
  VerdictsFact,
} from './blocks';
import { levelOf, people } from './people';
import { isPlan } from './plan-text';
import { command, id, instant, joined, line, sentence, wordsFor, type Sentence } from './sentence';

export function facts(packet: Packet): FactBlock[] {
  const level = levelOf(packet);
  const { verdicts } = packet;
  const [asked, ...others] = level === undefined ? unopened(packet) : people(packet, level);
  return [
    ...(asked === undefined ? [] : [asked]),
    ...elsewhere(packet),
    ...others,
    ...passedUp(packet),
    ...(level === undefined ? [] : [...until(packet, level), confirmation(packet)]),
    ...origin(packet),
    ...(level === undefined ? [] : [grade(packet)]),
    ...(verdicts.length === 0 ? [] : [mayBeSaid(packet)]),
  ];
}

/** Before there is a question for people: an agent is asked in another workflow or in this one. A plan asks nobody itself. */
function unopened(packet: Packet): FactBlock[] {
  const { status, level, waitingOn } = packet;
  const nobodyAsked = (says: Sentence): FactBlock[] => [{ kind: 'people', label: 'asked', says, people: [] }];
  if (isPlan(packet)) return [];
  if (status === 'proposing') return nobodyAsked(['nobody yet: there is no proposal to decide on']);
  if (waitingOn === undefined || level === undefined) return [];
  return nobodyAsked(sentence`${id(level)}, an agent, in ${id(waitingOn)}; nothing is open to decide yet`);
}

function elsewhere(packet: Packet): ElsewhereFact[] {
  const { waitingOn, level, policy } = packet;
  const byAgent = policy === undefined && level !== undefined && !isPlan(packet);
  if (waitingOn === undefined || byAgent) return [];
  return [
    {
      kind: 'elsewhere',
      label: 'decide on',
      says: sentence`${id(waitingOn)}, as long as it is asked`,
      workflowId: id(waitingOn),
      show: command(commandOn('show', waitingOn)),
    },
  ];
}

function passedUp({ escalations = [] }: Packet): PlainFact[] {
  return escalations.map(({ from, to, reason, at }) => ({
    kind: 'fact',
    label: 'passed up',
    says: sentence`${id(from)} to ${id(to)}, ${instant(at)}: ${line(reason)}`,
  }));
}

function until(packet: Packet, level: PeopleLevel): DeadlineFact[] {
  const { status, deadline, policy } = packet;
  if (deadline === undefined) return [];
  const row = { kind: 'deadline', label: 'until', at: instant(deadline) } as const;
  if (status !== 'open') return [{ ...row, says: [instant(deadline)] }];
  const higher = policy?.levels[policy.levels.findIndex(({ name }) => name === level.name) + 1];
  const means = meaning(packet, level, higher);
  const says = sentence`${instant(deadline)}; silence ${then(means, higher)}`;
  return [{ ...row, says, silence: means }];
}

/** As `expire` has it: silence is no consent where somebody has said no, nor to what nobody proposed; above the last level it expires. */
function meaning(
  { policy, failure, rejections = [] }: Packet,
  level: PeopleLevel,
  higher: PeopleLevel | undefined,
): OnSilence {
  const means = policy === undefined ? 'expire' : silence(policy, level);
  const objection = failure !== undefined || rejections.length > 0;
  if (means === 'approve' && !objection) return 'approve';
  return means === 'expire' || higher === undefined ? 'expire' : 'escalate';
}

function then(means: OnSilence, higher: PeopleLevel | undefined): Sentence {
  if (means === 'approve') return ['counts as APPROVED: the policy takes silence for consent'];
  if (means === 'escalate' && higher !== undefined)
    return sentence`passes it up: ${id(higher.name)} is asked`;
  return ['lets it expire'];
}

function confirmation({ policy, phrase }: Packet): ConfirmationFact {
  const row = { kind: 'confirmation', label: 'confirm' } as const;
  if (phrase === undefined) {
    const told = policy?.confirmation === 'INFO';
    return { ...row, says: [told ? 'INFO: it is told, and goes on' : 'CONFIRM: yes or no'] };
  }
  const typed = id(phrase);
  return { ...row, says: sentence`VERIFY: to approve or edit, type exactly: ${typed}`, phrase: typed };
}

const REQUESTER: Readonly<Record<RequesterProof, string>> = {
  claimed: 'as claimed',
  vouched: 'a front door has signed the start for them',
  signed: 'who has signed the start',
};

const RISKS = { low: 'low', medium: 'medium', high: 'high' } as const;

/** Where the question comes from, and where its outcome goes. */
function origin({ requester, requesterProof = 'claimed', by, risk, callback }: Packet): PlainFact[] {
  const row = (label: PlainFact['label'], says: Sentence): PlainFact => ({ kind: 'fact', label, says });
  return [
    row('requester', sentence`${id(requester)}, ${wordsFor(REQUESTER, requesterProof)}`),
    ...(by === undefined ? [] : [row('proposed by', [id(by)])]),
    ...(risk === undefined ? [] : [row('risk', wordsFor(RISKS, risk))]),
    ...(callback === undefined ? [] : [row('sent to', sentence`${id(callback)}, how it ends`)]),
  ];
}

const NAMES: Readonly<Record<Packet['authentication'], string>> = {
  open: 'believed, not proven (open mode)',
  vouched:
    'vouched for: a front door has authenticated each reviewer, or the decision is signed with their own key',
  signed: 'proven: each decision is signed with the key of its reviewer',
};

function grade({ authentication }: Packet): GradeFact {
  const grade = GRADES.find((one) => one === authentication) ?? 'signed';
  return { kind: 'grade', label: 'names', says: wordsFor(NAMES, authentication), grade };
}

function mayBeSaid({ verdicts, phrase }: Packet): VerdictsFact {
  return {
    kind: 'verdicts',
    label: 'you may',
    says: joined(
      verdicts.map((verdict) => [id(verdict)]),
      ', ',
    ),
    offered: verdicts.map((verdict) => ({
      verdict: id(verdict),
      needs: (Object.hasOwn(VERDICTS, verdict) ? VERDICTS[verdict].needs : []).filter(
        (need) => need !== 'phrase' || phrase !== undefined,
      ),
    })),
  };
}
