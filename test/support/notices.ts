/** A notice as a gate that opens makes it. */
import type { Notice } from '../../src/domain/gate/notice';

export const OPENED: Notice = {
  id: 'a1'.repeat(32),
  kind: 'opened',
  workflowId: 'orders-eu',
  gate: 'main',
  revision: 1,
  level: 'HUMAN',
  people: ['ana', 'bo'],
  action: 'refund',
  title: 'Refund order 7',
  risk: 'medium',
  requester: 'svc-orders',
  deadline: '2026-03-01T16:00:00.000Z',
};

/** What each hostile character is called once it is made visible; what holds none of them is safe to show. */
export const HOSTILE: readonly { readonly said: string; readonly text: string; readonly shown: string }[] = [
  { said: 'an ANSI sequence', text: 'ok\u001b[2Kgone', shown: 'ok‹U+001B›[2Kgone' },
  { said: 'a bidi override', text: 'safe\u202egnp.exe', shown: 'safe‹U+202E›gnp.exe' },
  { said: 'a zero-width space', text: 'pay\u200bload', shown: 'pay‹U+200B›load' },
  { said: 'a tag character', text: 'hi\u{e0041}', shown: 'hi‹U+E0041›' },
  { said: 'a forged second line', text: 'ok\nINFO gate.closed', shown: 'ok‹U+000A›INFO gate.closed' },
  { said: 'a Cyrillic look-alike', text: 'p\u0430ypal', shown: 'p‹U+0430›ypal' },
];
