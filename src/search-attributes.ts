/** The search attributes must exist before the first workflow: an unknown one stalls its task. */
import { temporal } from '@temporalio/proto';
import type { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from './workflows/messages';

const { INDEXED_VALUE_TYPE_KEYWORD, INDEXED_VALUE_TYPE_KEYWORD_LIST, INDEXED_VALUE_TYPE_DATETIME } =
  temporal.api.enums.v1.IndexedValueType;
const WIRE_TYPES: Partial<Record<string, temporal.api.enums.v1.IndexedValueType>> = {
  KEYWORD: INDEXED_VALUE_TYPE_KEYWORD,
  KEYWORD_LIST: INDEXED_VALUE_TYPE_KEYWORD_LIST,
  DATETIME: INDEXED_VALUE_TYPE_DATETIME,
};
const CLI_TYPES: Partial<Record<string, string>> = {
  KEYWORD: 'Keyword',
  KEYWORD_LIST: 'KeywordList',
  DATETIME: 'Datetime',
};

/** `Name=Type` of each, as the `temporal` CLI takes them. */
export function searchAttributeFlags(): string[] {
  return SEARCH_ATTRIBUTES.map(({ name, type }) => `${name}=${CLI_TYPES[type] ?? type}`);
}

/** Adds those that are missing. @throws with the command to run where the server does not let us. */
export async function ensureSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const missing = async () => {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return SEARCH_ATTRIBUTES.filter(({ name }) => !Object.hasOwn(customAttributes, name));
  };
  let absent: Awaited<ReturnType<typeof missing>> = [...SEARCH_ATTRIBUTES];
  try {
    absent = await missing();
    if (absent.length === 0) return;
    const searchAttributes = Object.fromEntries(
      absent.map(({ name, type }) => [name, WIRE_TYPES[type] ?? 0]),
    );
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    for (let tries = 0; tries < 50 && (await missing()).length > 0; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 200));
  } catch (error) {
    const commands = absent.map(
      ({ name, type }) =>
        `  temporal operator search-attribute create --name ${name} --type ${CLI_TYPES[type] ?? type}`,
    );
    throw new Error(
      `the namespace ${namespace} lacks search attributes, and they could not be added: ` +
        `${error instanceof Error ? error.message : String(error)}\nAsk somebody who may to run:\n${commands.join('\n')}`,
      { cause: error },
    );
  }
}
