/** What is taken out of any text that a URL's owner may say: passwords and tokens, as they are written and as they are meant. */
import { redactor } from '../../src/domain/secrets';

it.each<[string, string, string, string]>([
  [
    'the whole URL',
    'postgres://app:s3cret@db/x',
    'cannot reach postgres://app:s3cret@db/x, twice',
    'cannot reach ***, twice',
  ],
  [
    'the password alone, and not the name',
    'postgres://app:s3cret@db/x',
    'app failed with s3cret, s3cret',
    'app failed with ***, ***',
  ],
  [
    'the password as it is meant',
    'postgres://app:p%40ss%3A@db/x',
    'tried p@ss: and p%40ss%3A',
    'tried *** and ***',
  ],
  ['a password that decodes to nothing sensible', 'postgres://app:100%@db/x', 'tried 100%', 'tried ***'],
  [
    'a token',
    'libsql://db.example.com?authToken=abc.def&tls=1',
    'token abc.def was refused',
    'token *** was refused',
  ],
  [
    'every token and password of the query',
    'postgres://db/x?password=one&sslpassword=two&AUTHTOKEN=three#four',
    'one, two, three and four',
    '***, ***, *** and four',
  ],
  [
    'no other value of the query',
    'postgres://db/x?user=app&sslmode=require&mypassword=x1',
    'app, require and x1',
    'app, require and x1',
  ],
  ['nothing where the password is empty', 'postgres://app:@db/x?password=', 'app at db', 'app at db'],
  ['nothing where there is none', 'file:/data/app.db', 'app at db:5432', 'app at db:5432'],
  ['nothing that only looks like one', 'https://db/path:no@thing', 'no thing', 'no thing'],
  ['in whatever case the scheme is', 'POSTGRES://app:s3cret@db/x', 's3cret', '***'],
  [
    'nothing of what stands inside another text',
    'see postgres://app:s3cret@db/x',
    'app s3cret',
    'app s3cret',
  ],
  ['a password of one letter', 'postgres://app:Z@db/x', 'a Z b', 'a *** b'],
])('%s', (_, url, text, redacted) => {
  expect(redactor(url)(text)).toBe(redacted);
});

it('an empty address hides nothing', () => {
  expect(redactor('')('nothing to hide')).toBe('nothing to hide');
});
