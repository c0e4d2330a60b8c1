/** Whom a gate asks, as lines to be read: who may, who did, who is missing, until when, and what silence means. */
import type { Packet } from '../client';
import { commandOn } from '../domain/paste';
import { silence, type PeopleLevel } from '../domain/policy';
import { REQUESTER_WORDS } from '../domain/requester-words';
import { sameVoice, voices, voicesNeeded } from '../domain/voices';
import { local, visibleId, visibleLine } from './output';

type Row = readonly [label: string, text: string];
type Signature = Packet['signatures'][number];

/** Empty where nobody has been asked yet. @param only labels; all of them where it is left out */
export function asked(packet: Packet, only?: readonly string[]): string[] {
  const level = levelOf(packet);
  const all = level === undefined ? below(packet) : rows(packet, level);
  const told = only === undefined ? all : all.filter(([label]) => only.includes(label));
  return told.length === 0 ? [] : ['', ...told.map(([label, text]) => `${label.padEnd(11)} ${text}`)];
}

/** The level that is asked, or was last. */
export function levelOf({ policy, level }: Packet): PeopleLevel | undefined {
  return policy?.levels.find(({ name }) => name === level) ?? policy?.levels[0];
}

/** Of a workflow that has asked somebody in another one, and has no question of its own yet: a plan, or a ladder at its agents. */
function below(packet: Packet): Row[] {
  const { waitingOn, level } = packet;
  if (waitingOn === undefined) return [];
  const agent = packet.plan === undefined && level !== undefined;
  return [
    agent
      ? ['asked', `${visibleId(level)}, an agent, in ${visibleId(waitingOn)}; nothing is open to decide yet`]
      : ['decide on', elsewhere(waitingOn)],
    ['requester', requesterOf(packet)],
  ];
}

function rows(packet: Packet, level: PeopleLevel): Row[] {
  const { status, authentication, verdicts, waitingOn, signatures, rejections = [] } = packet;
  const { delegations = [], escalations = [] } = packet;
  return [
    ['asked', whom(packet, level)],
    ...(waitingOn === undefined ? [] : [['decide on', elsewhere(waitingOn)] as const]),
    ['signed', signatures.map(signer).join('; ') || 'nobody yet'],
    ...(rejections.length === 0 ? [] : [['rejected', rejectedBy(rejections, level)] as const]),
    ...(status === 'open' ? [['missing', missing(packet, level)] as const] : []),
    ...delegations.map(({ from, to }) => ['delegated', `${visibleId(to)} for ${visibleId(from)}`] as const),
    ...escalations.map(
      ({ from, to, reason, at }) =>
        [
          'passed up',
          `${visibleId(from)} to ${visibleId(to)}, ${local(at)}: ${visibleLine(reason)}`,
        ] as const,
    ),
    ...(packet.deadline === undefined ? [] : [['until', until(packet, level)] as const]),
    ['confirm', confirmation(packet)],
    ['requester', requesterOf(packet)],
    ...(packet.by === undefined ? [] : [['proposed by', visibleId(packet.by)] as const]),
    ...(packet.risk === undefined ? [] : [['risk', packet.risk] as const]),
    ...(packet.callback === undefined
      ? []
      : [['sent to', `${visibleId(packet.callback)}, how it ends`] as const]),
    ['names', NAMES[authentication]],
    ...(verdicts.length === 0 ? [] : [['you may', verdicts.map(visibleId).join(', ')] as const]),
  ];
}

function requesterOf({ requester, requesterProof = 'claimed' }: Packet): string {
  return `${visibleId(requester)}, ${REQUESTER_WORDS[requesterProof]}`;
}

const NAMES: Readonly<Record<Packet['authentication'], string>> = {
  open: 'believed, not proven (open mode)',
  vouched:
    'vouched for: a front door has authenticated each reviewer, or the decision is signed with their own key',
  signed: 'proven: each decision is signed with the key of its reviewer',
};

function whom({ policy, failure }: Packet, level: PeopleLevel): string {
  if (policy?.confirmation === 'INFO' && failure === undefined) return 'nobody: it is told, and goes on';
  const { name, approvers, groups = [] } = level;
  const count = policy?.levels.length ?? 1;
  const nth = (policy?.levels.findIndex((one) => one.name === name) ?? 0) + 1;
  const place = count > 1 ? ` (level ${String(nth)} of ${String(count)})` : '';
  const people = [
    ...(approvers.people ?? []).map(person),
    ...(approvers.roles ?? []).map((role) => `role ${visibleId(role)}`),
  ].join(', ');
  const each = groups
    .map((group) => `${String(group.quorum)} of role ${visibleId(group.role)}`)
    .join(' and ');
  const among = each === '' ? '' : `, among them ${each}`;
  const { signedAtLeast = 0 } = level;
  const own = signedAtLeast === 0 ? '' : `, at least ${String(signedAtLeast)} with a key of one's own`;
  return `${visibleId(name)}${place}: ${people}; ${signaturesOf(voicesNeeded(level))}${among}${own}`;
}

const person = (name: string) => (name === '*' ? 'anybody' : visibleId(name));
const signaturesOf = (count: number) => `${String(count)} signature${count === 1 ? '' : 's'}`;

function elsewhere(workflowId: string): string {
  return `${visibleId(workflowId)}, as long as it is asked (${visibleId(commandOn('show', workflowId))})`;
}

function signer({ reviewer, onBehalfOf, authentication }: Signature): string {
  const behalf = onBehalfOf === undefined ? '' : ` on behalf of ${visibleId(onBehalfOf)}`;
  return `${visibleId(reviewer)}${behalf}${authentication === 'vouched' ? ' (vouched for)' : ''}`;
}

function rejectedBy(rejections: readonly Signature[], level: PeopleLevel): string {
  const members = (level.groups ?? []).flatMap(({ role, rejections: most }) =>
    most === undefined ? [] : [`, or ${String(most)} of role ${visibleId(role)},`],
  );
  return `${rejections.map(signer).join('; ')} (${String(level.rejections)}${members.join('')} end it)`;
}

/** As far as the gate itself can tell: it names people; who holds a role the worker alone knows. */
function missing(packet: Packet, level: PeopleLevel): string {
  const { signatures, rejections = [], delegations = [], policy, requester } = packet;
  const { approvers, groups = [] } = level;
  const heard = voices({ delegations }, signatures).length;
  const said = [...signatures, ...rejections];
  const named = (approvers.people ?? [])
    .filter((one) => !(policy?.separation.requester === true && one === requester))
    .filter((one) => !said.some(({ reviewer }) => sameVoice({ delegations }, reviewer, one)))
    .map((one) => [one, ...delegations.flatMap(({ from, to }) => (from === one ? [to] : []))])
    .map((voice) => voice.map(person).join(' or '));
  const roles = [
    ...(approvers.roles ?? []).map((role) => `role ${visibleId(role)}`),
    // Which of its groups a signature fills is known to the worker, not to whoever reads this.
    ...groups.map(
      (group) => `${heard === 0 ? '' : 'up to '}${String(group.quorum)} of role ${visibleId(group.role)}`,
    ),
  ];
  const more = Math.max(1, voicesNeeded(level) - heard);
  return `${String(more)} more: ${[...named, ...roles].join(', ')}`;
}

function until({ deadline, policy }: Packet, level: PeopleLevel): string {
  const higher = policy?.levels[policy.levels.findIndex(({ name }) => name === level.name) + 1];
  const means = policy === undefined ? 'expire' : silence(policy, level);
  const then =
    means === 'approve'
      ? 'counts as APPROVED: the policy takes silence for consent'
      : means === 'escalate' && higher !== undefined
        ? `passes it up: ${visibleId(higher.name)} is asked`
        : 'lets it expire';
  return `${local(deadline)}; silence ${then}`;
}

function confirmation({ policy, phrase }: Packet): string {
  if (phrase !== undefined) return `VERIFY: to approve or edit, type exactly: ${visibleId(phrase)}`;
  return policy?.confirmation === 'INFO' ? 'INFO: it is told, and goes on' : 'CONFIRM: yes or no';
}
