import assert from 'node:assert/strict'
import { test } from 'node:test'

import { rewriteText } from '../../lib/testing/chunks.ts'
import { SCRUBBED, findSecrets, patternsWith, secretRewrites, secretsOf, stars } from '../../lib/testing/secrets.ts'

const mask = (text: string, ...secrets: string[]): string =>
  rewriteText(
    text,
    secretRewrites(
      secrets.map((text) => ({ text, kind: 'given' })),
      () => '#',
    ),
  )

for (const [text, masked] of [
  ['["DB_PASSWORD=a b\\"c","PATH=/bin"]', '["DB_PASSWORD=#","PATH=/bin"]'],
  ['["STRIPE_KEY=x","stripe_api_key_2=y"]', '["STRIPE_KEY=#","stripe_api_key_2=#"]'],
  ['--token=abc --name=def', '--token=# --name=def'],
  ['MY_SECRET=abc\nHOME=/', 'MY_SECRET=#\nHOME=/'],
  ['{"username":"u","password":"p\\"w","serveraddress":"h"}', '{"username":"#","password":"#","serveraddress":"h"}'],
  [
    '{"auth":"dTpw","identitytoken" : "t","registrytoken":""}',
    '{"auth":"#","identitytoken" : "#","registrytoken":"#"}',
  ],
  ['{"com.example.api-token":"v"}', '{"com.example.api-token":"#"}'],
  ['{"Name":"s","Data":"c2VjcmV0"}', '{"Name":"s","Data":"#"}'],
  ['http://user:pw@proxy:3128/', 'http://#@proxy:3128/'],
  ['Authorization: Bearer abcdefghijklmnop', 'Authorization: Bearer #'],
  ['x eyJhbGciOiJ.eyJzdWIiOiI.c2ln y', 'x # y'],
  ['ghp_0123456789abcdefghij', '#'],
  ['SWMTKN-1-0123456789abcdef-xyz', '#'],
  ['["DB_PWD=x","AUTH=x","GH_PAT=x","MYSQLPWD=x"]', '["DB_PWD=#","AUTH=#","GH_PAT=#","MYSQLPWD=#"]'],
  ['["mysql","--password","p w","-u","me"]', '["mysql","--password","#","-u","me"]'],
  ['mysql --password hunter2 -u me', 'mysql --password # -u me'],
  ['["curl","--api-key=abc","--auth-token","x"]', '["curl","--api-key=#","--auth-token","#"]'],
  ['sh -c "mysql -phunter2 db"', 'sh -c "mysql -p# db"'],
  ['["mysql","-phunter2"]', '["mysql","-p#"]'],
  ['["docker","login","-u","me","-p","hunter2"]', '["docker","login","-u","me","-p","#"]'],
  ['redis-cli -h db -a hunter2 ping', 'redis-cli -h db -a # ping'],
  ['curl -u me:hunter2 http://h/', 'curl -u me:# http://h/'],
  ['["URL=https://0123abc@sentry.io/1"]', '["URL=https://#@sentry.io/1"]'],
  ['postgres://u:p/w@rd@db/x', 'postgres://#@db/x'],
  ['DSN me:pw@tcp(db:3306)/x', 'DSN #@tcp(db:3306)/x'],
  ['name: a\ntoken: ab cd\nport: 1', 'name: a\ntoken: #\nport: 1'],
  ['"log":"a: b\\n  api_key: \\"abc\\"\\nc: d"', '"log":"a: b\\n  api_key: \\"#\\"\\nc: d"'],
  ['\u0001\0\0\0\0\0\0Atoken: abcdef\n', '\u0001\0\0\0\0\0\0Atoken: #\n'],
  ['{"conf":"{\\"password\\":\\"abc\\"}"}', '{"conf":"{\\"password\\":\\"#\\"}"}'],
  ['["sh","-c","a; TOKEN=\\"b c\\" run"]', '["sh","-c","a; TOKEN=\\"#\\" run"]'],
  ['-H "X-Api-Key: abc"', '-H "X-Api-Key: #"'],
  ["CREATE USER x IDENTIFIED BY 'abc'", "CREATE USER x IDENTIFIED BY '#'"],
  ['AKIA0123456789ABCDEF', '#'],
  ['-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA', '-----BEGIN RSA PRIVATE KEY-----#-----END RSA'],
] as const) {
  test(`what looks like a secret is masked: ${JSON.stringify(masked)}`, () => {
    assert.equal(mask(text), masked)
  })
}

for (const text of [
  '{"message":"pull access denied, no basic auth credentials"}',
  '{"Id":"sha256:0123","Image":"ghcr.io/acme/tokenizer:latest","Config":{"User":"app"}}',
  '["AUTHOR=me","KEYBOARD=us","PATH=/bin","PWD=/srv","OLDPWD=/","PATTERN=x"]',
  'run -p 8080:80 -p8080:80/tcp; mkdir -p /a; find . -print0; --password-file /run/x --password-stdin',
  '{"message":"unauthorized: authentication required","error":"invalid token, try again"}',
  'git clone ssh://git@host/x && docker pull host:5000/app@sha256:0123',
]) {
  test(`honest words stay: ${text}`, () => {
    assert.equal(mask(text), text)
  })
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

const SECRET = 'p?>~ä"ss&w'

test('a given secret is masked raw, in JSON, in URLs, and in base64 wherever it begins in it', () => {
  for (const prefix of ['', 'u', 'us', 'usr', '{"password":"']) {
    for (const form of [
      prefix + SECRET,
      JSON.stringify(prefix + SECRET),
      'p?\\u003e~ä\\"ss\\u0026w',
      encodeURIComponent(prefix + SECRET),
      base64(prefix + SECRET),
      base64(prefix + SECRET)
        .replaceAll('+', '-')
        .replaceAll('/', '_'),
      Buffer.from(prefix + SECRET).toString('base64url'),
    ]) {
      const bytes = Buffer.from(form).toString('latin1')
      assert.notEqual(mask(bytes, SECRET), bytes, form)
    }
  }
})

test('a secret too short to be told from other text is left alone', () => {
  assert.equal(mask('ci builds', 'ci'), 'ci builds')
})

test('secrets are found by their names, to be masked where they stand without', () => {
  const found = findSecrets('{"Env":["A_TOKEN=longenough"],"Cmd":["echo","longenough"]} B_TOKEN=short')
  assert.deepEqual(found, [{ text: 'longenough', kind: 'name' }])
})

test('a secret that is found in JSON is known without its escapes', () => {
  const [found] = findSecrets('["A_TOKEN=quo\\"ted \\u0026 more"]')
  assert.equal(found?.text, 'quo"ted & more')
})

test('of the environment only what has a name like a secret counts', () => {
  assert.deepEqual(secretsOf({ GHCR_TOKEN: 'a', PATH: 'b', DB_PASS: 'c', EMPTY_TOKEN: undefined }), ['a', 'c'])
})

test("a name of one's own counts in the environment, flags, JSON and YAML", () => {
  const patterns = patternsWith(['MY_LICENSE', 'seed'])
  const rewrites = secretRewrites([], () => '#', { patterns })
  const text = '["MY_LICENSE=a","X=b"] {"seed":"a"} --my-seed a\nseed: a b'
  assert.equal(rewriteText(text, rewrites), '["MY_LICENSE=#","X=b"] {"seed":"#"} --my-seed a\nseed: #')
})

test("a pattern of one's own masks its first group, or all of it", () => {
  const rewrites = secretRewrites([], () => '#', { patterns: patternsWith([/lic-(\d+)/, /ZZ\w+/i]) })
  assert.equal(rewriteText('lic-123 zzTop', rewrites), 'lic-# #')
})

test('what is masked is counted by how it was told, once', () => {
  const counts: string[] = []
  const rewrites = secretRewrites([{ text: 'known-secret', kind: 'environment' }], () => SCRUBBED, {
    onMasked: (kind) => void counts.push(kind),
  })
  rewriteText('["A_TOKEN=known-secret","B_TOKEN=x","--api-key=y"]', rewrites)
  assert.deepEqual(counts.toSorted(), ['environment', 'flag', 'name'])
})

test('stars are as long as the secret', () => {
  assert.equal(stars('abc'), '***')
})
