/** `countersign edit`: replaces the args whole, in $EDITOR or by flag; shows the difference before it sends. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import type { DecideInput, Packet } from '../../client';
import type { JsonObject } from '../../domain/json';
import { examples, withClient, type Deps } from '../command';
import { conclude, offered, question } from '../decide';
import { jsonArgument } from '../json-argument';
import { EXIT, Failure, missingFlag, visible } from '../output';
import { decision } from './verdicts';

export const edit = (deps: Deps) =>
  decision(deps, 'edit', 'change the args and sign the changed revision; earlier signatures fall')
    .option('--args <json|@file|->', 'the whole args, as they shall run; without it $EDITOR opens')
    .addHelpText(
      'after',
      examples(
        'countersign edit proposal-1042',
        `countersign edit proposal-1042 --args '{"order":1042,"amount":20}' --digest 3f9ac0d2b1e4`,
      ),
    )
    .action((workflowId, options) =>
      withClient(deps, options, async (countersign) => {
        const packet = await countersign.show(workflowId);
        if (packet.proposal === undefined)
          throw new Failure(EXIT.refused, 'GATE_CLOSED', `nothing is open to edit: ${packet.status}`);
        if (options.args === undefined && (!deps.streams.inTerminal || options.json))
          throw missingFlag('--args', 'there is nobody to edit');
        if (options.args === undefined) offered(packet, 'edit');
        const file = options.args === undefined ? opened(packet) : undefined;
        try {
          const args =
            options.args === undefined ? edited(deps, file ?? '') : jsonArgument('--args', options.args);
          deps.streams.err(difference(packet.proposal.args, args));
          const { digest, agree } = await question(deps, () => Promise.resolve(packet), options, 'edit');
          await agree();
          const { reviewer, comment } = options;
          const said = {
            digest,
            verdict: 'edit',
            reviewer,
            args,
            ...(comment === undefined ? {} : { comment }),
          } as DecideInput;
          const admitted = await conclude(deps, countersign, workflowId, said, options);
          if (file === undefined) return;
          if (admitted) rmSync(join(file, '..'), { recursive: true });
          else keep(deps, file);
        } catch (error) {
          if (file !== undefined) keep(deps, file);
          throw error;
        }
      }),
    );

function opened({ proposal }: Packet): string {
  const file = join(mkdtempSync(join(tmpdir(), 'countersign-edit-')), 'args.json');
  writeFileSync(file, `${JSON.stringify(proposal?.args, undefined, 2)}\n`, { mode: 0o600 });
  return file;
}

function edited(deps: Deps, file: string): unknown {
  // Through a shell, since $EDITOR may hold arguments; the file is one, whatever its name.
  const { status, error } = spawnSync('/bin/sh', ['-c', `${deps.config.editor} "$1"`, 'sh', file], {
    stdio: 'inherit',
  });
  if (error !== undefined || status !== 0)
    throw new Failure(
      EXIT.refused,
      'NOT_SENT',
      `the editor ${deps.config.editor} ended with an error; nothing was sent`,
    );
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (parse) {
    throw new Failure(
      EXIT.usage,
      'INVALID_INPUT',
      `the edited args are not JSON: ${parse instanceof Error ? parse.message : ''}; nothing was sent`,
    );
  }
}

function difference(before: JsonObject, after: unknown): string {
  const text = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;
  return `${visible(createTwoFilesPatch('args as proposed', 'args as edited', text(before), text(after)))}\n`;
}

function keep(deps: Deps, file: string): void {
  deps.streams.err(`Your edit is kept in ${file}; send it with --args @${file}\n`);
}
