/** The files that say who decides: what is in them, and what has gone from them. */
import type { Config } from '../config';
import { vanished } from '../domain/directory-changes';
import { Directory, hasDoors, holdsKeys } from '../domain/reviewers';
import { visibleLine } from '../domain/visible';
import { loadPolicies, warnings } from '../providers/policy';
import { loadDirectory } from '../providers/reviewers/file';
import { openStore } from '../store';
import type { StoredConfiguration } from '../store/configurations';
import { checked, ok, warn, type Check } from './check';

/** Lines of one check. */
const SAID = 20;

function listed(name: string, says: string, lines: readonly string[]): Check {
  const more = lines.length - SAID;
  return warn(name, says, ...lines.slice(0, SAID), ...(more > 0 ? [`and ${String(more)} more`] : []));
}

export function checkPolicy({ policy }: Config): Promise<Check> {
  return checked(
    'policy',
    'mend the file that COUNTERSIGN_POLICY names; `countersign policy test` tries it',
    async () => {
      const file = await loadPolicies(policy, process.cwd());
      if (file === undefined)
        return ok('policy', 'no rules: a caller says who decides, else one person within 24 hours');
      const says = `${file.named}: ${String(file.rules.length)} rules, ${String(file.deny.length)} that deny`;
      const warned = warnings(file);
      if (warned.length === 0) return ok('policy', says);
      return listed('policy', `${says}; somebody’s mere word decides`, warned);
    },
  );
}

export function checkReviewers({ reviewers, deployment }: Config): Promise<Check> {
  return checked('reviewers', 'mend the file that COUNTERSIGN_REVIEWERS names', async () => {
    const directory = await loadDirectory(reviewers, process.cwd());
    if (directory === undefined)
      return ok(
        'reviewers',
        'open mode: names are believed as they are sent; COUNTERSIGN_REVIEWERS names nobody',
      );
    const people = `${reviewers ?? ''}: ${String(directory.people.length)} people`;
    const called = `deployment ${directory.deployment ?? deployment ?? 'as the namespace is called'}`;
    return ok('reviewers', `${people}, ${floorIn(directory)}; ${called}`);
  });
}

function floorIn(directory: Directory): string {
  const [keys, doors] = [holdsKeys(directory), hasDoors(directory)];
  if (keys && doors) return 'decisions are signed, or vouched for by a door as far as it may';
  if (doors) return 'decisions are vouched for by a door';
  return keys ? 'decisions are signed' : 'without keys and doors, names are believed';
}

/** Nothing is deleted from a directory: it ends, or is revoked. */
export function checkGone(config: Config): Promise<Check> {
  return checked('gone', 'see above for what the store says', async () => {
    const now = await loadDirectory(config.reviewers, process.cwd());
    const store = await openStore(config, { create: false }).catch(() => undefined);
    if (store === undefined) return ok('gone', 'not looked at: there is no store');
    const loaded = await store.configurations().finally(() => store.close());
    const versions = loaded.filter(({ kind }) => kind === 'directory');
    const says = `${String(versions.length)} versions of the reviewers directory are on record`;
    const gone = goneFrom(versions, now);
    if (gone.length === 0) return ok('gone', `${says}, and nothing has gone from it`);
    // The store's versions are whatever somebody may have written there.
    const lines = gone.map(visibleLine);
    return listed('gone', `${says}; put back what has gone, and give it until or revoked`, lines);
  });
}

function goneFrom(versions: readonly StoredConfiguration[], now: Directory | undefined): string[] {
  const before = versions.flatMap(({ text, at }) => versionOf(text, at));
  const last = before.at(-1);
  if (now !== undefined || last === undefined) return vanished(before, now ?? { people: [] });
  return [
    `the whole directory is gone since the version that was loaded at ${last.at}, and names are believed: name it in COUNTERSIGN_REVIEWERS`,
  ];
}

/** As it was read then: what is on record is compared whatever a later version would say of it. */
function versionOf(text: string, at: string): { directory: Directory; at: string }[] {
  try {
    const directory = Directory.safeParse(JSON.parse(text));
    return directory.success ? [{ directory: directory.data, at }] : [];
  } catch {
    return [];
  }
}
