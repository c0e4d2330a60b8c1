/**
 * Files that people write and that decide who may do what: YAML (JSON is YAML, too), checked by a schema, every problem
 * told with its line and column. What could be read in two ways is refused: keys that stand there twice, YAML 1.1, tags.
 */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { visibleLine } from '../domain/visible';
import { offsetOf, problemsOf, type Problem } from './yaml-problems';

export interface YamlFile<T> {
  /** The variable that names the file. */
  readonly variable: string;
  /** What is in it, as in "the reviewers directory". */
  readonly what: string;
  /** How it is without the file, as in "believe names as they are sent". */
  readonly without: string;
  /** A file that the schema takes, for whoever has none. */
  readonly example: string;
  readonly schema: z.ZodType<T>;
  /** The most it may hold, in bytes. @default 128 KiB */
  readonly bytes?: number;
}

/** What is in a file, and where: `reviewers.yaml:12:5` of a path, or of a character in the text that stands there. */
export interface Placed<T> {
  readonly value: T;
  readonly place: (at: readonly PropertyKey[], inside?: number) => string;
}

const BYTES = 128 * 1024;
/** Values that aliases may add up to, each counted as often as it is repeated. */
const ALIASES = 100;
const DEPTH = 32;
/** Problems told at once. */
const TOLD = 50;

/**
 * @param named as the variable names it, absolute or relative to `cwd`; problems repeat it
 * @throws Error with a line for each problem: `reviewers.yaml:12:5: people[1].name: must be …`
 */
export async function readYamlFile<T>(named: string, cwd: string, file: YamlFile<T>): Promise<T> {
  return (await readPlacedYaml(named, cwd, file)).value;
}

/** As `readYamlFile`, with the places: for what can still go wrong after the file was read. */
export async function readPlacedYaml<T>(named: string, cwd: string, file: YamlFile<T>): Promise<Placed<T>> {
  const text = await textOf(named, path.resolve(cwd, named), file);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    schema: 'core',
    resolveKnownTags: false,
    stringKeys: true,
  });
  const placeOf = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${named}:${String(Math.max(line, 1))}:${String(Math.max(col, 1))}`;
  };
  const problemsError = (problems: readonly Problem[]): Error => {
    const sentences = problems.map(({ offset, sentence }) => `${placeOf(offset)}: ${sentence}`);
    const more = sentences.length - TOLD;
    const rest = more > 0 ? [`and ${String(more)} more`] : [];
    return new Error(
      `${file.what} is not right (${file.variable}):\n  ${[...sentences.slice(0, TOLD), ...rest].join('\n  ')}`,
    );
  };
  const unread = unreadable(document);
  if (unread.length > 0) throw problemsError(unread);
  const value = valueOf(document);
  if (!value.ok) throw problemsError([{ offset: 0, sentence: value.problem }]);
  const parsed = file.schema.safeParse(value.value);
  if (!parsed.success) throw problemsError(problemsOf(document, text, parsed.error.issues));
  return {
    value: parsed.data,
    place: (at, inside) =>
      placeOf(offsetOf(document, text, { at, ...(inside === undefined ? {} : { inside }) })),
  };
}

async function textOf<T>(named: string, absolute: string, file: YamlFile<T>): Promise<string> {
  const { variable, what, without, example, bytes: most = BYTES } = file;
  const found = await sizeOf(absolute);
  if ('problem' in found)
    throw new Error(
      `${variable} names ${what}, but ${named} ${found.problem}.\n` +
        `Unset it to ${without}, or name a file such as:\n${example.replace(/^(?=.)/gm, '  ')}`,
    );
  const large = `${what}, ${named}, is larger than ${String(most / 1024)} KiB`;
  if (found.size > most) throw new Error(large);
  const bytes = await readFile(absolute).catch((error: unknown) => {
    throw new Error(`${variable}: ${named} ${unfound(error as NodeJS.ErrnoException)}`, { cause: error });
  });
  if (bytes.length > most) throw new Error(large);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`${what}, ${named}, is not UTF-8 text`);
  }
}

/** In bytes. */
async function sizeOf(file: string): Promise<{ readonly size: number } | { readonly problem: string }> {
  try {
    const found = await stat(file);
    return found.isFile() ? { size: found.size } : { problem: 'is no file' };
  } catch (error) {
    return { problem: unfound(error as NodeJS.ErrnoException) };
  }
}

function unfound({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'is not there';
  return code === 'EACCES' ? 'may not be read' : `cannot be read: ${message}`;
}

/** What keeps the text from being one YAML document with one meaning. */
function unreadable(document: Document.Parsed): Problem[] {
  const { yaml } = document.directives;
  const problems = [...document.errors, ...document.warnings].map(({ code, pos, message }) => {
    const [sentence] = {
      DUPLICATE_KEY: ['the key stands there twice'],
      MULTIPLE_DOCS: ['a second document begins; write one'],
      RESOURCE_EXHAUSTION: ['it is nested too deep'],
    }[code as string] ?? [message];
    return { offset: pos[0], sentence: visibleLine(sentence ?? message) };
  });
  // Too deep once is too deep; what follows from it says nothing.
  const deep = problems.find((_, index) => document.errors[index]?.code === 'RESOURCE_EXHAUSTION');
  if (deep !== undefined) return [deep];
  return yaml.version === '1.2' || yaml.explicit !== true
    ? problems
    : [
        {
          offset: 0,
          sentence: `it says YAML ${yaml.version}, where yes and no are booleans; write YAML 1.2`,
        },
      ];
}

type Value =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

/** Plain values; aliases are repeated as often as they stand there, within bounds. */
function valueOf(document: Document.Parsed): Value {
  try {
    const value: unknown = document.toJS({ maxAliasCount: ALIASES });
    return deeper(value, DEPTH)
      ? {
          ok: false,
          problem: `it is nested more than ${String(DEPTH)} levels deep, or repeats itself without end`,
        }
      : { ok: true, value };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    const many = problem.startsWith('Excessive alias');
    return { ok: false, problem: many ? 'its aliases repeat too much; write it out' : visibleLine(problem) };
  }
}

function deeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => deeper(inner, levels - 1));
}
