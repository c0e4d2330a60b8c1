/** Whom a gate asks, as sentences: who may decide, who did, who is missing. */
import type { Packet } from '../packet';
import type { PeopleLevel } from '../policy';
import { sameVoice, voices, voicesNeeded } from '../voices';
import type { PeopleFact } from './blocks';
import { id, joined, sentence, type Sentence } from './sentence';

type Signature = Packet['signatures'][number];

/** The level that is asked, or was last. */
export function levelOf({ policy, level }: Packet): PeopleLevel | undefined {
  return policy?.levels.find(({ name }) => name === level) ?? policy?.levels[0];
}

/** Nobody decides: people are told, and it goes on. */
export function onlyTells({ policy, failure }: Packet): boolean {
  return policy?.confirmation === 'INFO' && failure === undefined;
}

export function people(packet: Packet, level: PeopleLevel): PeopleFact[] {
  const { status, signatures, rejections = [], delegations = [] } = packet;
  const row = (label: PeopleFact['label'], says: Sentence, names: readonly string[]): PeopleFact => ({
    kind: 'people',
    label,
    says,
    people: names.map(id),
  });
  const pending = ['proposing', 'open', 'waiting'].includes(status);
  const nobody: Sentence = [pending ? 'nobody yet' : 'nobody'];
  const signed = signatures.length === 0 ? nobody : joined(signatures.map(signer), '; ');
  const left = missing(packet, level);
  return [
    row('asked', whom(packet, level), named(level)),
    ...(onlyTells(packet) ? [] : [row('signed', signed, signatures.map(reviewerOf))]),
    ...(rejections.length === 0
      ? []
      : [row('rejected', rejectedBy(rejections, level), rejections.map(reviewerOf))]),
    ...(status === 'open' ? [row('missing', left.says, left.people)] : []),
    ...delegations.map(({ from, to }) => row('delegated', sentence`${id(to)} for ${id(from)}`, [to])),
  ];
}

const reviewerOf = ({ reviewer }: Signature) => reviewer;

function named({ approvers: { people: names = [] } }: PeopleLevel): string[] {
  return names.filter((name) => name !== '*');
}

function whom(packet: Packet, level: PeopleLevel): Sentence {
  const { policy, status } = packet;
  if (onlyTells(packet)) return ['nobody: it is told, and goes on'];
  if (status === 'proposing') return ['nobody for now: it was sent back to the agent'];
  const { name, groups = [], signedAtLeast = 0 } = level;
  const count = policy?.levels.length ?? 1;
  const nth = (policy?.levels.findIndex((one) => one.name === name) ?? 0) + 1;
  const place = count > 1 ? sentence` (level ${nth} of ${count})` : [];
  const each = groups.map(({ quorum, role }) => sentence`${quorum} of role ${id(role)}`);
  const among = each.length === 0 ? [] : sentence`, among them ${joined(each, ' and ')}`;
  const own = signedAtLeast === 0 ? [] : sentence`, at least ${signedAtLeast} with a key of one's own`;
  return sentence`${id(name)}${place}: ${approvers(level)}; ${signaturesOf(voicesNeeded(level))}${among}${own}`;
}

/** By name, by role, or anybody. */
export function approvers({ approvers: { people: names = [], roles = [] } }: PeopleLevel): Sentence {
  return joined([...names.map(person), ...roles.map(role)], ', ');
}

const person = (name: string): Sentence => [name === '*' ? 'anybody' : id(name)];
const role = (name: string): Sentence => sentence`role ${id(name)}`;
const signaturesOf = (count: number): Sentence =>
  count === 1 ? ['1 signature'] : sentence`${count} signatures`;

function signer({ reviewer, onBehalfOf, authentication }: Signature): Sentence {
  const behalf = onBehalfOf === undefined ? [] : sentence` on behalf of ${id(onBehalfOf)}`;
  const vouched: Sentence = authentication === 'vouched' ? [' (vouched for)'] : [];
  return sentence`${id(reviewer)}${behalf}${vouched}`;
}

function rejectedBy(
  rejections: readonly Signature[],
  { rejections: most, groups = [] }: PeopleLevel,
): Sentence {
  const ofGroups = groups.flatMap(({ role: of, rejections: those }) =>
    those === undefined ? [] : [sentence`, or ${those} of role ${id(of)},`],
  );
  return sentence`${joined(rejections.map(signer), '; ')} (${most}${joined(ofGroups, '')} end it)`;
}

/** As far as the gate itself can tell: it names people; who holds a role the worker alone knows. */
function missing(
  packet: Packet,
  level: PeopleLevel,
): { readonly says: Sentence; readonly people: readonly string[] } {
  const { signatures, rejections = [], delegations = [], policy, requester } = packet;
  const { approvers: asked, groups = [] } = level;
  const heard = voices({ delegations }, signatures).length;
  const decided = [...signatures, ...rejections];
  // A voice: somebody who is asked, and whoever acts on their behalf.
  const left = (asked.people ?? [])
    .filter((one) => !(policy?.separation.requester === true && one === requester))
    .filter((one) => !decided.some(({ reviewer }) => sameVoice({ delegations }, reviewer, one)))
    .map((one) => [one, ...delegations.flatMap(({ from, to }) => (from === one ? [to] : []))]);
  const more = Math.max(1, voicesNeeded(level) - heard);
  const who: Sentence[] = [
    ...left.map((voice) => joined(voice.map(person), ' or ')),
    ...(asked.roles ?? []).map(role),
    // Which of its groups a signature fills is known to the worker, not to whoever reads this.
    ...groups.map(({ quorum, role: of }) => {
      const most: Sentence = heard === 0 ? [] : ['up to '];
      return sentence`${most}${quorum} of role ${id(of)}`;
    }),
  ];
  return {
    says: sentence`${more} more: ${joined(who, ', ')}`,
    people: left.flat().filter((name) => name !== '*'),
  };
}
