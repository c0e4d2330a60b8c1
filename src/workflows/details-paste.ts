/** A decision that can be pasted as it is, one for each person who is asked; only the name, a reason or the phrase is left to them. */
import type { Packet } from '../domain/packet';
import { commandOn } from '../domain/paste';
import { code, literal } from './markdown';

export function paste(packet: Packet, people: readonly string[]): string {
  if (packet.status !== 'open' || packet.digest === undefined) return '';
  const { digest, gate, revision } = packet;
  const shown = packet.shown === undefined ? '' : ` --shown ${packet.shown}`;
  if (packet.authentication !== 'open')
    return [
      `**To decide**, ${SIGNING[packet.authentication]}sign your decision where your key is, and paste what it prints (*More Actions*, *Send a Signal*, \`decide\`):`,
      literal(
        commandOn(
          'sign',
          packet.workflowId,
          `--verdict approve --reviewer YOU --key YOUR.key.pem --digest ${digest}${shown}`,
        ),
      ),
      `Verdicts: ${packet.verdicts.map(code).join(', ')}. ${needs(packet)}`,
    ].join('\n\n');
  const named = people.filter(
    (one) =>
      one !== '*' && one !== packet.requester && !packet.signatures.some((signed) => signed.reviewer === one),
  );
  const verdict = packet.verdicts.find((one) => LEADING.includes(one)) ?? 'reject';
  const decisions = (named.length === 0 ? ['YOUR-NAME'] : named.slice(0, 5)).map((reviewer) => {
    const id = `${verdict}-${gate}-${String(revision)}-${reviewer}`.slice(0, 200).trimEnd();
    const needs =
      verdict === 'respond'
        ? { answer: 'YOUR-ANSWER' }
        : verdict === 'reject'
          ? { comment: 'WHY' }
          : packet.phrase === undefined
            ? {}
            : { phrase: 'TYPE THE PHRASE' };
    return literal(JSON.stringify({ v: 1, id, verdict, reviewer, ...needs, digest }));
  });
  const others = packet.verdicts
    .filter((other) => other !== verdict)
    .map(code)
    .join(', ');
  const which =
    named.length === 0
      ? 'this, with your name in it'
      : named.length === 1
        ? 'this'
        : 'the one with your name';
  return [
    `**To ${verdict}**, choose *More Actions*, *Send a Signal*, ${code('decide')}, and paste ${which}:`,
    ...decisions,
    `Instead of ${code(verdict)}: ${others}. ${needs(packet)}Each decision needs an ${code('id')} of its own.`,
  ].join('\n\n');
}

const SIGNING = { vouched: 'go to your front door, or ', signed: '' } as const;

/** What is offered first; the policy may leave it out. */
const LEADING: readonly Packet['verdicts'][number][] = ['approve', 'respond'];

function needs({ verdicts, phrase }: Packet): string {
  const saysWhy = verdicts
    .filter((one) => ['reject', 'revise', 'escalate', 'comment'].includes(one))
    .map(code);
  return [
    ...(phrase === undefined
      ? []
      : [`${code('approve')} and ${code('edit')} need ${code('phrase')}, exactly: ${code(phrase)}. `]),
    ...(verdicts.includes('edit') ? [`${code('edit')} needs ${code('args')}. `] : []),
    ...(verdicts.includes('delegate') ? [`${code('delegate')} needs ${code('to')}. `] : []),
    ...(verdicts.includes('extend') ? [`${code('extend')} needs ${code('until')}. `] : []),
    ...(verdicts.includes('respond') ? [`${code('respond')} needs ${code('answer')}. `] : []),
    ...(saysWhy.length > 0 ? [`${saysWhy.join(', ')} need ${code('comment')}. `] : []),
  ].join('');
}
