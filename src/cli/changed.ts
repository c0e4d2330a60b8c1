/** What changed since a revision: a text word by word, everything else as RFC 6902. */
import type { Operation } from 'fast-json-patch';
import type { Packet } from '../client';
import { commandOn } from '../domain/paste';
import type { Rewording } from '../domain/words';
import { marked, spansOf, type Span } from '../domain/words-shown';
import { visible, visibleId, visibleLine, type Colours } from './output';
import type { Seen } from './seen';

interface Options {
  readonly seen: Seen | undefined;
  readonly colours: Colours;
  /** With every word that did not change. */
  readonly whole: boolean;
}

/** Since the last revision; and since the one that this person saw, where that is an older one. */
export function changed(packet: Packet, options: Options): (readonly [heading: string, text: string])[] {
  const { diff, words = [], revision } = packet;
  const { seen } = options;
  const last = diff === undefined ? undefined : revision - 1;
  const too = seen?.revision === last ? ', which you saw last' : '';
  const since = (before: number | undefined) => `Changed since revision ${String(before)}`;
  return [
    ...(diff === undefined ? [] : [[`${since(last)}${too}`, told(packet, diff, words, options)] as const]),
    ...(seen === undefined || seen.revision === last
      ? []
      : [
          [
            `${since(seen.revision)}, which you saw last`,
            told(packet, seen.diff, seen.words, options),
          ] as const,
        ]),
  ];
}

function told(
  { workflowId }: Packet,
  diff: readonly Operation[],
  words: readonly Rewording[],
  { colours, whole }: Options,
): string {
  const spans = words.map(({ path, changes }) => ({ path, spans: spansOf(changes, whole) }));
  const others = diff.filter(({ path }) => !words.some((one) => one.path === path));
  const cut = spans.some((one) => one.spans.some(({ op }) => op === 'omitted'));
  const lines = [
    ...others.map((one) => visible(JSON.stringify(one))),
    ...spans.flatMap((one) => [
      `${visibleLine(one.path)}, word by word ([-removed-], {+added+}):`,
      one.spans.map((span) => painted(span, colours)).join(''),
    ]),
    ...(cut
      ? [`(… stands for words as they were; ${visibleId(commandOn('show', workflowId, '--full'))} has them)`]
      : []),
  ];
  return lines.join('\n') || 'nothing but the revision';
}

/** Each line by itself: lines may be left out. */
function painted(span: Span, colours: Colours): string {
  const paint = { removed: colours.red, added: colours.green, omitted: colours.dim, same: String }[span.op];
  return marked(span)
    .split('\n')
    .map((line) => paint(line))
    .join('\n');
}
