/** The reviewers directory of COUNTERSIGN_REVIEWERS: a file, read once as the worker starts, and refused while anything in it is wrong. */
import { messageOf } from '../../domain/message';
import { Directory, isPasskey, PersonKey } from '../../domain/reviewers';
import { readYamlFile } from '../yaml-file';
import { spkiFault } from './passkey-key';
import { publicKey } from './public-key';

const EXAMPLE = `people:
  - name: ana
    aliases: [ana@example.com]
    roles: [oncall]
    keys: [] # what \`countersign keygen --reviewer ana\` prints
agents:
  - name: AGENT
    owners: [ana]`;

/** Whoever holds keys, in whatever role. */
const HOLDERS = ['people', 'requesters', 'doors', 'workers'] as const;

const Sound = Directory.superRefine((directory, context) => {
  for (const list of HOLDERS)
    (directory[list] ?? []).forEach(({ keys = [] }, nth) => {
      keys.forEach((key: PersonKey, index) => {
        if (!PersonKey.safeParse(key).success) return; // said already
        const message = isPasskey(key) ? spkiFault(key) : unfit(key.public);
        const path = [list, nth, 'keys', index, isPasskey(key) ? 'spki' : 'public'];
        if (message !== undefined) context.addIssue({ code: 'custom', path, message });
      });
    });
});

function unfit(key: string): string | undefined {
  try {
    publicKey(key);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/**
 * @param file as COUNTERSIGN_REVIEWERS gives it, absolute or relative to `cwd`; undefined: there is no directory
 * @throws Error that lists everything that is wrong, with line and column
 */
export async function loadDirectory(file: string | undefined, cwd: string): Promise<Directory | undefined> {
  if (file === undefined) return undefined;
  return readYamlFile(file, cwd, {
    variable: 'COUNTERSIGN_REVIEWERS',
    what: 'the reviewers directory',
    without: 'believe names as they are sent',
    example: EXAMPLE,
    schema: Sound,
  });
}
