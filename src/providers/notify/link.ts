/** The way to where one decides. It leads there and carries no decision: whatever opens a link must not have decided. */

/**
 * @param template a URL with `{workflowId}`, as the configuration has checked it
 * @returns with the id percent-encoded, so that it stays one segment of a path and ends neither a sentence nor a Markdown link
 */
export function linkTo(template: string, workflowId: string): string {
  const id = encodeURIComponent(workflowId.replace(/\p{Cs}/gu, '\ufffd')).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return template.split('{workflowId}').join(id);
}
