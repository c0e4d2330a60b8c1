/** What a model, or its provider, says of a failure reaches the terminal and the Web UI's Markdown as text, and as nothing else. */
import { openGate } from '../../src/domain/gate';
import { packetOf } from '../../src/domain/packet';
import { unproposed } from '../../src/domain/gate/no-proposal';
import { details } from '../../src/workflows/details';
import { render } from '../../src/cli/render';
import { OPENED, PLACE, policy, ROOT } from '../domain/given';
import { createColors } from 'picocolors';

const HOSTILE = [
  '\u001b[2K\u001b[1A\u001b[32mAPPROVED by ana\u001b[0m',
  '\u202e00.001 RUE\u202c',
  'pay\u200bpal\u2066\u2069\u{e0041}',
  '``` \n# Approved\n[click](http://evil.example) ![x](http://evil.example/x.png) <script>',
  '\u0000\u0007\u0008\u009b31m',
];
/** Every control, format and unassigned character but the line break. */
const RAW = /[^\P{C}\n]/u;

function failed(text: string) {
  const failure = { code: 'MODEL_REFUSED', message: `400: ${text}` };
  const asked = unproposed(`the task: ${text}`, failure, policy(), 'AGENT (model)');
  return packetOf(openGate({ root: ROOT, ...PLACE, gate: 'main', requester: 'req', ...asked }, OPENED));
}

test.each(HOSTILE)('at the terminal: %j', (text) => {
  const colours = createColors(false);
  const shown = render(failed(text), { full: true, colours }).text;
  expect(shown).toContain('MODEL_REFUSED');
  expect(shown).not.toMatch(RAW);
});

test.each(HOSTILE)('in the Web UI: %j', (text) => {
  const shown = details(failed(text));
  expect(shown).toContain('MODEL_REFUSED');
  expect(shown).not.toMatch(RAW);
  // Outside of code blocks stand our own words alone: a fence that the text could close would let it out.
  const fences = [...shown.matchAll(/^(`{3,})\n[\s\S]*?\n\1$/gm)].map(([block]) => block);
  const ours = fences.reduce((rest, block) => rest.replace(block, ''), shown);
  expect(ours).not.toMatch(/evil|Approved$|APPROVED|script/);
});
