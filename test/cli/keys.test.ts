/** A key is what a person types after they were asked; nothing that was there before, nothing pasted, no arrow. */
import { EventEmitter } from 'node:events';
import { oneKey } from '../../src/cli/keys';

class Keyboard extends EventEmitter {
  raw: boolean[] = [];
  paused = true;
  setRawMode(raw: boolean) {
    this.raw.push(raw);
  }
  resume() {
    this.paused = false;
  }
  pause() {
    this.paused = true;
  }
  types(...chunks: string[]) {
    for (const chunk of chunks) this.emit('data', Buffer.from(chunk));
  }
}

async function typed(early: string[], then: string[], keys = ['a', '\r', 'q']) {
  const keyboard = new Keyboard();
  let wrong = 0;
  const key = oneKey(
    keyboard,
    () => setImmediate(() => keyboard.types(...then)),
    keys,
    () => (wrong += 1),
  );
  keyboard.types(...early);
  const answer = await key;
  return { answer, wrong, raw: keyboard.raw, paused: keyboard.paused, heard: keyboard.listenerCount('data') };
}

const after = { raw: [true, false], paused: true, heard: 0 };

it.each([
  { what: 'a key', early: [], then: ['a'], answer: 'a', wrong: 0 },
  { what: 'its capital', early: [], then: ['A'], answer: 'a', wrong: 0 },
  { what: 'Enter', early: [], then: ['\r'], answer: '\r', wrong: 0 },
  { what: 'a line feed is Enter', early: [], then: ['\n'], answer: '\r', wrong: 0 },
  { what: 'typed ahead', early: ['a', 'a', '\r'], then: ['q'], answer: 'q', wrong: 0 },
  { what: 'pasted', early: [], then: ['aaa', 'approve', 'a\r', 'q'], answer: 'q', wrong: 3 },
  { what: 'an arrow', early: [], then: ['\u001b[A', 'q'], answer: 'q', wrong: 1 },
  { what: 'what is not offered', early: [], then: ['x', '1', 'а', 'q'], answer: 'q', wrong: 3 },
  { what: 'Ctrl-C', early: [], then: ['\u0003'], answer: undefined, wrong: 0 },
  { what: 'Ctrl-D', early: [], then: ['\u0004'], answer: undefined, wrong: 0 },
  { what: 'Escape', early: [], then: ['\u001b'], answer: undefined, wrong: 0 },
])('$what', async ({ early, then, answer, wrong }) => {
  expect(await typed(early, then)).toEqual({ answer, wrong, ...after });
});
