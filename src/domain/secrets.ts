/** Takes a URL's secrets out of any text: user names stay, passwords and tokens do not. */
export function redactor(url: string): (text: string) => string {
  const secrets = [url, ...(/^[a-z]+:\/\/[^/?#]*?:([^@/]*)@/i.exec(url)?.slice(1) ?? [])];
  for (const [, value] of url.matchAll(/[?&](?:authToken|password|sslpassword)=([^&#]*)/gi))
    secrets.push(value ?? '');
  const hidden = secrets
    .flatMap((secret) => [secret, unescaped(secret)])
    .filter((secret) => secret.length > 0);
  return (text) => hidden.reduce((all, secret) => all.replaceAll(secret, '***'), text);
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
