/**
 * The functions that a statement on SQLite may call: those that compute a value from their arguments. An engine may
 * bring any others, now or in its next version (files, extensions, the engine's log), so this is a list of what is
 * allowed. docs/sql.md names the same ones, and a test compares the two.
 */
export const FUNCTION_GROUPS: Readonly<Record<string, string>> = {
  Text: 'char concat concat_ws format glob hex instr length like lower ltrim octet_length printf quote replace rtrim soundex substr substring trim unhex unicode unistr unistr_quote upper',
  Values:
    'abs coalesce if ifnull iif likelihood likely max min nullif random randomblob round sign typeof unlikely zeroblob',
  'This statement': 'changes last_insert_rowid sqlite_version total_changes',
  'Date and time':
    'current_date current_time current_timestamp date datetime julianday strftime time timediff unixepoch',
  Mathematics:
    'acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10 log2 mod pi pow power radians sin sinh sqrt tan tanh trunc',
  Aggregates: 'avg count group_concat median percentile percentile_cont percentile_disc string_agg sum total',
  Windows:
    'cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number',
  JSON: '-> ->> json json_array json_array_insert json_array_length json_error_position json_extract json_group_array json_group_object json_insert json_object json_patch json_pretty json_quote json_remove json_replace json_set json_type json_valid jsonb jsonb_array jsonb_array_insert jsonb_extract jsonb_group_array jsonb_group_object jsonb_insert jsonb_object jsonb_patch jsonb_remove jsonb_replace jsonb_set',
  'Full text': 'bm25 highlight match snippet',
};

/** In lower case. */
export const FUNCTIONS: ReadonlySet<string> = new Set(
  Object.values(FUNCTION_GROUPS).flatMap((names) => names.split(' ')),
);
