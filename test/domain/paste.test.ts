/** Advice that names a workflow can be pasted into a shell, whatever the workflow is called. */
import { execFileSync } from 'node:child_process';
import { commandOn } from '../../src/domain/paste';

it.each([
  { id: 'pay-1', line: 'countersign show pay-1 --full' },
  { id: 'p/undo/build:1', line: 'countersign show p/undo/build:1 --full' },
  { id: '-dash', line: "countersign show --full -- '-dash'" },
  { id: '--json', line: "countersign show --full -- '--json'" },
  { id: 'two words', line: "countersign show 'two words' --full" },
  { id: '$(id)', line: "countersign show '$(id)' --full" },
  { id: "it's", line: "countersign show 'it'\\''s' --full" },
  { id: '~', line: "countersign show '~' --full" },
  { id: 'two  spaces', line: 'countersign show "$(printf \'two\\040\\040spaces\')" --full' },
  { id: '-é\u202e', line: 'countersign show --full -- "$(printf \'\\055\\303\\251\\342\\200\\256\')"' },
  { id: '=x', line: "countersign show '=x' --full" },
  { id: '', line: "countersign show '' --full" },
])('$id: $line', ({ id, line }) => {
  expect(commandOn('show', id, '--full')).toBe(line);
  const [, ...words] = execFileSync('/bin/sh', ['-c', `printf '%s\\n' ${line}`], { encoding: 'utf8' })
    .slice(0, -1)
    .split('\n');
  expect(words).toContain(id);
});
