/**
 * Who can write the files by which the worker judges: in the end that is who decides. Beside a file itself these are the directories
 * above it, in which another one could be put in its place, and whatever a link on the way leads to.
 */
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  type Stats,
} from 'node:fs';
import path from 'node:path';
import type { Config } from '../config';
import { quotedForShell } from '../domain/paste';
import { checkpointsPath } from '../store';
import { privateKeyPath } from '../store/checkpoint-log';
import { workerKeyPath } from '../store/worker-key';
import { checked, fail, ok, warn, type Check } from './check';

export interface Place {
  readonly name: string;
  readonly path: string;
  /** Nobody else may read it either. */
  readonly secret?: true;
}

/** A file or a directory on the way to a place, with its mode and owners. */
export interface Step {
  readonly path: string;
  readonly directory: boolean;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Who there is. */
export interface People {
  /** Whom this runs as: the worker's user, where doctor runs as it does. */
  readonly uid: number;
  readonly userOf: (uid: number) => string;
  readonly groupOf: (gid: number) => string;
  /** Who is in a group; undefined where this machine does not list it. */
  readonly membersOf: (gid: number) => readonly number[] | undefined;
}

/** The files that a configuration names or makes, whether or not they are there. */
export function placesOf(config: Config): Place[] {
  const first = checkpointsPath(config);
  const named = (name: string, given: string | undefined, more: Partial<Place> = {}): Place[] =>
    given === undefined ? [] : [{ name, path: path.resolve(given), ...more }];
  return [
    ...named('reviewers file', config.reviewers),
    ...named('policy file', config.policy),
    ...named('actions file', config.actions),
    ...named('workflows file', config.workflows),
    ...(first === undefined ? [] : named('checkpoints', first)),
    ...named('checkpoint key', config.checkpoints?.key ?? (first && privateKeyPath(first)), { secret: true }),
    ...named('worker key', workerKeyPath(config), { secret: true }),
    ...(config.store === undefined ? named('store file', path.join(config.dataDir, 'countersign.db')) : []),
    { name: 'data directory', path: config.dataDir },
  ];
}

/** What is not there is left to the check that needs it. */
export async function checkWriters(config: Config, people = peopleHere()): Promise<Check[]> {
  if (people === undefined) return [];
  return Promise.all(
    placesOf(config)
      .filter((place) => existsSync(place.path))
      .map((place) =>
        checked(place.name, 'look at the modes of the file and of the directories above it', async () =>
          judged(place, wayTo(place.path), people),
        ),
      ),
  );
}

interface Finding {
  readonly who: string;
  readonly step: Step;
  readonly anybody?: true;
  readonly mend: string;
}

export function judged({ name, path: file, secret }: Place, way: readonly Step[], people: People): Check {
  const found = way.flatMap((step) => writers(step, people));
  const last = way.at(-1);
  if (last === undefined) return ok(name, `${file} is on a file system that is mounted to be read`);
  const mode = ` (mode ${octal(last.mode)})`;
  if (secret === true && (last.mode & 0o044) !== 0)
    return fail(name, `others can read ${last.path}${mode}`, `chmod 600 ${quotedForShell(last.path)}`);
  if (found.length > 0) {
    const says = found.map(({ who, step }) => `${who} can write ${step.path} (mode ${octal(step.mode)})`);
    const tell = found.some(({ anybody }) => anybody) ? fail : warn;
    return tell(name, says.join('; '), ...new Set(found.map(({ mend }) => mend)));
  }
  const us = people.uid === 0 || way.some(({ uid }) => uid === people.uid);
  const who = !us || people.uid === 0 ? 'root alone' : `${people.userOf(people.uid)} and root alone`;
  return ok(name, `${who} can write ${file}${mode}`);
}

/** Beside root, the group root and whom this runs as. In a directory that is sticky only the owners of a file can put another in its place. */
function writers(step: Step, people: People): Finding[] {
  const { mode, uid, gid, directory } = step;
  const at = quotedForShell(step.path);
  const sticky = directory && (mode & 0o1000) !== 0;
  const group = groupWithOthers(gid, people);
  return [
    ...(uid === 0 || uid === people.uid
      ? []
      : [{ who: `its owner ${people.userOf(uid)}`, step, mend: `chown ${owner(people)} ${at}` }]),
    ...(sticky || (mode & 0o020) === 0 || group === undefined
      ? []
      : [{ who: group, step, mend: `chmod g-w ${at}` }]),
    ...(sticky || (mode & 0o002) === 0
      ? []
      : [{ who: 'anybody', step, anybody: true as const, mend: `chmod o-w ${at}` }]),
  ];
}

/** Undefined where nobody else is in it. */
function groupWithOthers(gid: number, { uid, userOf, groupOf, membersOf }: People): string | undefined {
  if (gid === 0) return undefined;
  const members = membersOf(gid);
  if (members === undefined) return `the group ${groupOf(gid)}`;
  const others = members.filter((one) => one !== 0 && one !== uid).map(userOf);
  if (others.length === 0) return undefined;
  return `the group ${groupOf(gid)} (${others.slice(0, 5).join(', ')}${others.length > 5 ? ', …' : ''})`;
}

const owner = (people: People) => quotedForShell(people.userOf(people.uid));
const octal = (mode: number) => (mode & 0o7777).toString(8).padStart(4, '0');

/** Links that lead on; more of them are a circle. */
const LINKS = 40;

/** From the root to what is there, through every link. @throws Error where it is gone */
export function wayTo(place: string): Step[] {
  const steps = new Map<string, Step>();
  let links = 0;
  const walk = (file: string): void => {
    const { root } = path.parse(file);
    let at = root;
    for (const part of ['', ...path.relative(root, file).split(path.sep).filter(Boolean)]) {
      const before = at;
      at = path.join(at, part);
      const stats = lstatSync(at);
      if (stats.isSymbolicLink()) {
        if ((links += 1) > LINKS) throw new Error(`more than ${String(LINKS)} links lead to ${place}`);
        walk(path.resolve(before, readlinkSync(at)));
      } else if (!fixed(at)) {
        steps.delete(at); // the last one is what is there
        steps.set(at, stepOf(at, stats));
      }
    }
  };
  walk(path.resolve(place));
  return [...steps.values()];
}

const stepOf = (at: string, stats: Stats): Step => ({
  path: at,
  directory: stats.isDirectory(),
  ...{ mode: stats.mode, uid: stats.uid, gid: stats.gid },
});

/** On a file system that is mounted to be read, whatever the modes say. */
function fixed(at: string): boolean {
  try {
    accessSync(at, constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EROFS';
  }
}

/** By the machine's own lists; undefined on Windows, where modes say nothing of it. */
export function peopleHere(): People | undefined {
  const uid = process.getuid?.();
  if (uid === undefined) return undefined;
  const users = rows('/etc/passwd');
  const groups = rows('/etc/group');
  const numbered = (list: string[][], id: number) => list.find(([, , number]) => number === String(id));
  const userOf = (id: number) => numbered(users, id)?.[0] ?? String(id);
  return {
    uid,
    userOf,
    groupOf: (gid) => numbered(groups, gid)?.[0] ?? String(gid),
    membersOf(gid) {
      const group = numbered(groups, gid);
      // Where we are not listed ourselves, others are not either.
      if (group === undefined || numbered(users, uid) === undefined) return undefined;
      const listed = (group[3] ?? '').split(',').filter((name) => name !== '');
      return users
        .filter(([name = '', , , main]) => main === String(gid) || listed.includes(name))
        .map(([, , number]) => Number(number));
    },
  };
}

function rows(file: string): string[][] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.includes(':'))
      .map((line) => line.split(':'));
  } catch {
    return []; // then nobody is known by name, and no group's members
  }
}
