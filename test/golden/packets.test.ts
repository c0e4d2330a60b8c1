/**
 * What people read of a gate in each of its states, at a terminal and in the Temporal Web UI, as golden files. A change of words is seen
 * there line by line, and is meant: `npm run golden` writes them.
 */
import { join } from 'node:path';
import { compare } from 'fast-json-patch';
import { createColors } from 'picocolors';
import { render } from '../../src/cli/render';
import type { Packet } from '../../src/domain/packet';
import type { Seen } from '../../src/domain/packet/view';
import { reworded } from '../../src/domain/words';
import { details } from '../../src/workflows/details';
import { golden, timesEverywhere } from '../support/golden';
import { SCENES, type Scene } from './scenes';

const files = golden(join(__dirname, 'packets'));
beforeEach(timesEverywhere);

const PARTS = ['at a terminal', 'at a terminal, with --full', 'in the Web UI'] as const;

function texts({ packet, trouble, saw }: Scene): readonly string[] {
  const options = { colours: createColors(false), trouble, seen: seenOf(packet, saw) };
  const { text, hidden } = render(packet, { ...options, full: false });
  const { text: whole } = render(packet, { ...options, full: true });
  return [
    `${text}${hidden === 0 ? '' : `(hidden: ${String(hidden)})\n`}`,
    whole === text ? 'the same\n' : whole,
    `${details(packet)}\n`,
  ];
}

function seenOf(packet: Packet, saw: Packet | undefined): Seen | undefined {
  if (saw?.proposal === undefined || packet.proposal === undefined || saw.digest === packet.digest)
    return undefined;
  const diff = compare(saw.proposal, packet.proposal);
  return { revision: saw.revision, diff, words: reworded(saw.proposal, diff) };
}

it.each(Object.entries(SCENES))('%s', (name, scene) => {
  const parts = texts(scene).map((text, n) => `======== ${PARTS[n] ?? ''}\n${text}`);
  files.same(name, parts.join('\n'));
});

/** Rows and headings of the Web UI as a terminal has them. */
function wordsOf(markdown: string): string[] {
  const plain = (text: string) =>
    text
      .replace(/`+ ?(.*?) ?`+/g, '$1')
      .replace(/(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC/g, '$1T$2.000Z here');
  const outside = markdown.replace(/^(`{3,})\n[\s\S]*?\n\1$/gm, '');
  return [
    ...[...outside.matchAll(/^- \*\*(.*?):\*\* (.*)$/gm)].map(
      ([, label = '', says = '']) => `${label.toLowerCase().padEnd(11)} ${plain(says)}`,
    ),
    ...[...outside.matchAll(/^\*\*([^*:]+)\*\*(?: (\(.*?\)))?/gm)]
      .map(([, heading = '', note]) => (note === undefined ? heading : `${heading} ${note}`))
      .filter((heading) => !/^(?:Gate|Plan|To) |^Plan,|too long/.test(heading)),
  ];
}

it.each(Object.values(SCENES))(
  'what the Web UI says, the terminal says in the same words: %#',
  ({ packet, trouble }) => {
    const { text } = render(packet, { colours: createColors(false), trouble, full: true });
    const lines = text.split('\n').map((line) => line.replace(/ \(countersign .*\)$/, ''));
    for (const words of wordsOf(details(packet))) expect(lines).toContain(words);
  },
);

it('no file is left over', () => {
  files.complete();
});
