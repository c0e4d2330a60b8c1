/** The search attributes must exist before the first workflow: an unknown one stalls its task. */
import type { OperatorService, WorkflowService } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { messageOf } from './domain/message';
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
/** What a query compares an attribute with, to find out whether it is there. */
const PROBES: Partial<Record<string, string>> = { DATETIME: "'2020-01-01T00:00:00Z'" };

/** Either kind of connection. */
export interface Services {
  readonly workflowService: WorkflowService;
  readonly operatorService: OperatorService;
}

export interface AttributeState {
  readonly name: string;
  /** What it must be, as the `temporal` CLI spells it. */
  readonly type: string;
  readonly state: 'there' | 'missing' | 'of another type';
}

/** They are not all there, and cannot be added from here; the message ends with what to run, and where. */
export class SearchAttributesError extends Error {
  override readonly name = 'SearchAttributesError';
  constructor(
    message: string,
    readonly attributes: readonly AttributeState[],
    /** What to do: commands and sentences, one a line. */
    readonly mend: readonly string[],
  ) {
    super(`${message}\n${mend.join('\n')}`);
  }
}

/** `Name=Type` of each, as the `temporal` CLI takes them. */
export function searchAttributeFlags(): string[] {
  return SEARCH_ATTRIBUTES.map(({ name, type }) => `${name}=${typeName(type)}`);
}

/**
 * How each of them stands. Temporal Cloud does not show its list, nor may every role read it: there a query that
 * names the attribute tells whether it is known, and what its type is stays untold.
 */
export async function findSearchAttributes(
  services: Services,
  namespace: string,
): Promise<readonly AttributeState[]> {
  try {
    const { customAttributes } = await services.operatorService.listSearchAttributes({ namespace });
    return SEARCH_ATTRIBUTES.map(({ name, type }) => {
      const found = Object.hasOwn(customAttributes, name) ? customAttributes[name] : undefined;
      const state =
        found === undefined ? 'missing' : found === WIRE_TYPES[type] ? 'there' : 'of another type';
      return { name, type: typeName(type), state };
    });
  } catch (error) {
    if (!denied(error)) throw error;
    return Promise.all(
      SEARCH_ATTRIBUTES.map(async ({ name, type }) => {
        const query = `${name} = ${PROBES[type] ?? "'none'"}`;
        const known = await services.workflowService.countWorkflowExecutions({ namespace, query }).then(
          () => true,
          (unknown: unknown) => {
            if (grpcCode(unknown) === INVALID_ARGUMENT) return false;
            throw unknown;
          },
        );
        return { name, type: typeName(type), state: known ? 'there' : 'missing' } as const;
      }),
    );
  }
}

/**
 * Adds those that are missing; `added` are their names.
 * @throws SearchAttributesError where the server does not let us, or one is there with another type
 */
export async function ensureSearchAttributes(
  services: Services,
  namespace: string,
  address = '',
): Promise<{ readonly attributes: readonly AttributeState[]; readonly added: readonly string[] }> {
  const attributes = await findSearchAttributes(services, namespace);
  if (attributes.some(({ state }) => state === 'of another type'))
    throw wrong(attributes, namespace, address);
  const missing = attributes.filter(({ state }) => state === 'missing');
  if (missing.length === 0) return { attributes, added: [] };
  if (onCloud(address)) throw wrong(attributes, namespace, address);
  const added = missing.map(({ name }) => name);
  const searchAttributes = Object.fromEntries(
    SEARCH_ATTRIBUTES.filter(({ name }) => added.includes(name)).map(({ name, type }) => [
      name,
      WIRE_TYPES[type] ?? 0,
    ]),
  );
  try {
    await services.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    // Two workers that start at once both add them; the second is told that they exist.
    if (grpcCode(error) !== ALREADY_EXISTS) throw wrong(attributes, namespace, address, error);
  }
  for (let tries = 0; tries < 50; tries += 1) {
    const now = await findSearchAttributes(services, namespace);
    if (now.every(({ state }) => state === 'there')) return { attributes: now, added };
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw wrong(await findSearchAttributes(services, namespace), namespace, address);
}

/** Whose server it is; `unknown` where it merely does not let us. */
type Owner = 'own' | 'cloud' | 'unknown';

/** What to do where an attribute is missing or wrong, one line each. */
export function attributesMend(
  attributes: readonly AttributeState[],
  { namespace, address }: { readonly namespace: string; readonly address: string },
  owner: Owner = onCloud(address) ? 'cloud' : 'own',
): string[] {
  const missing = attributes.filter(({ state }) => state === 'missing');
  const other = attributes.filter(({ state }) => state === 'of another type');
  const operator = (verb: string, name: string, rest: string) =>
    `  temporal operator search-attribute ${verb} --address ${address} --namespace ${namespace} --name ${name} ${rest}`;
  const lines: string[] = [];
  if (missing.length > 0 && owner !== 'cloud')
    lines.push(
      'Somebody who may runs:',
      ...missing.map(({ name, type }) => operator('create', name, `--type ${type}`)),
    );
  if (missing.length > 0 && owner !== 'own') {
    const flags = missing.map(({ name, type }) => `--search-attribute "${name}=${type}"`).join(' ');
    lines.push(
      'On Temporal Cloud, whoever owns the namespace runs:',
      `  tcld namespace search-attributes add --namespace ${namespace} ${flags}`,
      `or adds them in the UI, at Namespaces → ${namespace} → Edit → Custom Search Attributes: ${missing.map(({ name, type }) => `${name} (${type})`).join(', ')}`,
    );
  }
  if (other.length > 0)
    lines.push(
      'Of another type than it must be; if nothing else uses it, somebody who may runs:',
      ...other.flatMap(({ name, type }) => [
        operator('remove', name, '--yes'),
        operator('create', name, `--type ${type}`),
      ]),
    );
  return lines;
}

function wrong(
  attributes: readonly AttributeState[],
  namespace: string,
  address: string,
  why?: unknown,
): SearchAttributesError {
  const names = attributes
    .filter(({ state }) => state !== 'there')
    .map(({ name, state }) => (state === 'missing' ? name : `${name} (${state})`));
  const reason = why === undefined ? '' : `, and they could not be added: ${messageOf(why)}`;
  const owner =
    onCloud(address) || grpcCode(why) === UNIMPLEMENTED ? 'cloud' : denied(why) ? 'unknown' : 'own';
  return new SearchAttributesError(
    `the namespace ${namespace} lacks search attributes: ${names.join(', ')}${reason}`,
    attributes,
    attributesMend(attributes, { namespace, address }, owner),
  );
}

const INVALID_ARGUMENT = 3;
const ALREADY_EXISTS = 6;
const UNIMPLEMENTED = 12;

/** PERMISSION_DENIED, UNIMPLEMENTED, UNAUTHENTICATED: the operator's interface is not for us. */
function denied(error: unknown): boolean {
  return [7, UNIMPLEMENTED, 16].includes(grpcCode(error) ?? -1);
}

/** The worker's native connection makes errors of another shape than the client's: both carry a number. */
export function grpcCode(error: unknown): number | undefined {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: { code?: unknown } };
  const found = typeof code === 'number' ? code : cause?.code;
  return typeof found === 'number' ? found : undefined;
}

/** An address of Temporal Cloud: `….tmprl.cloud` or a regional endpoint `….api.temporal.io`. */
export function onCloud(address: string): boolean {
  return /\.(?:tmprl\.cloud|api\.temporal\.io)\.?(?::\d+)?$/i.test(address);
}

function typeName(type: string): string {
  return CLI_TYPES[type] ?? type;
}
