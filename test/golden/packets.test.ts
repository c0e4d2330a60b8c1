/**
 * What people read of a gate in each of its states, at a terminal and in the Temporal Web UI, as golden files. A change of words is seen
 * there line by line, and is meant: `npm run golden` writes them.
 */
import { join } from 'node:path';
import { compare } from 'fast-json-patch';
import { createColors } from 'picocolors';
import { render } from '../../src/cli/render';
import type { Seen } from '../../src/cli/seen';
import type { Packet } from '../../src/domain/packet';
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

it('no file is left over', () => {
  files.complete();
});
