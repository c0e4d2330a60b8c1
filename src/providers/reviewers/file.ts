/** The reviewers directory of COUNTERSIGN_REVIEWERS: a file, read once as the worker starts, and refused while anything in it is wrong. */
import { Directory, PublicKey } from '../../domain/reviewers';
import { readYamlFile } from '../yaml-file';
import { publicKey } from './public-key';

const EXAMPLE = `people:
  - name: ana
    aliases: [ana@example.com]
    roles: [oncall]
    keys: [] # what \`countersign keygen --reviewer ana\` prints
agents:
  - name: AGENT
    owners: [ana]`;

const Sound = Directory.superRefine(({ people }, context) => {
  people.forEach(({ keys = [] }, nth) => {
    keys.forEach(({ public: key }, index) => {
      if (!PublicKey.safeParse(key).success) return; // said already
      try {
        publicKey(key);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        context.addIssue({ code: 'custom', path: ['people', nth, 'keys', index, 'public'], message });
      }
    });
  });
});

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
