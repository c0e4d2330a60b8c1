/**
 * Every action by name, the built-in ones and a user's own. Whatever wants to know whether something may be proposed,
 * edited or run asks here, so that one set of arguments is judged in one way wherever it comes from.
 */
import type { JsonObject } from '../domain/json';
import { Id } from '../domain/proposal';
import type { Action, Recognised } from './action';
import { answer } from './answer';
import { checkArgs } from './check';
import type { Configured } from './configured';
import { confirm } from './confirm';
import { createHttp } from './http';
import { createRemote } from './remote';
import { createSql } from './sql';

export interface RegistryOptions extends Configured {
  /** The queue of our own worker, which the `remote` action may not name. */
  readonly ownTaskQueue: string;
}

export type Checked =
  | { readonly ok: true; readonly action: Action; readonly args: JsonObject }
  | { readonly ok: false; readonly code: 'UNREGISTERED_ACTION' | 'INVALID_ARGS'; readonly message: string };

export interface Registry {
  /** Built-in ones first, then a user's own in the order of the module. */
  names(): string[];
  find(name: string): Action | undefined;
  /** The arguments as they will be hashed and run (defaults applied), or why not. Never throws. */
  check(action: string, args: JsonObject): Checked;
  /** The first action that recognises the words; a user's own are asked before the built-in ones. */
  recognise(text: string): ({ readonly action: string } & Recognised<unknown>) | undefined;
  /** Closes the pools that the `sql` action opened. */
  close(): Promise<void>;
}

/** @throws Error that names the action, where a name is taken or is not 1–200 printable ASCII characters. */
export function createRegistry(options: RegistryOptions): Registry {
  const { actions, databases, hosts, taskQueues, ownTaskQueue } = options;
  const sql = createSql(databases);
  const builtIn = [
    sql.action,
    createHttp(hosts),
    createRemote({ ownTaskQueue, taskQueues }),
    answer,
    confirm,
  ];
  const byName = named(builtIn, actions);
  return {
    names: () => [...byName.keys()],
    find: (name) => byName.get(name),
    check(name, args) {
      const action = byName.get(name);
      if (action === undefined) {
        const message = `there is no action ${JSON.stringify(name)}; registered: ${[...byName.keys()].join(', ')}`;
        return { ok: false, code: 'UNREGISTERED_ACTION', message };
      }
      const checked = checkArgs(action, args);
      return checked.ok
        ? { ok: true, action, args: checked.args }
        : { ok: false, code: 'INVALID_ARGS', message: checked.message };
    },
    recognise(text) {
      for (const action of [...actions, ...builtIn]) {
        const recognised = recognisedBy(action, text);
        if (recognised !== undefined) return { ...recognised, action: action.name };
      }
      return undefined;
    },
    close: () => sql.close(),
  };
}

function named(builtIn: readonly Action[], own: readonly Action[]): Map<string, Action> {
  const byName = new Map(builtIn.map((action) => [action.name, action]));
  for (const action of own) {
    if (!Id.safeParse(action.name).success) {
      throw new Error(
        `the action name ${JSON.stringify(action.name)} must be 1–200 printable ASCII characters`,
      );
    }
    if (builtIn.some(({ name }) => name === action.name)) {
      throw new Error(
        `the action name ${JSON.stringify(action.name)} is built in; choose another name for your own`,
      );
    }
    if (byName.has(action.name))
      throw new Error(`two actions are named ${JSON.stringify(action.name)}; rename one`);
    byName.set(action.name, action);
  }
  return byName;
}

/** What throws has not recognised anything: one action's mistake must not silence the others. */
function recognisedBy(action: Action, text: string): Recognised<unknown> | undefined {
  try {
    return action.recognise?.(text);
  } catch {
    return undefined;
  }
}
