import assert from 'node:assert/strict'
import { test } from 'node:test'

import { rewriteText } from '../../lib/testing/chunks.ts'
import { findSecrets, secretRewrites, secretsOf, stars } from '../../lib/testing/secrets.ts'

const mask = (text: string, ...secrets: string[]): string =>
  rewriteText(
    text,
    secretRewrites(secrets, () => '#'),
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
  ['-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA', '-----BEGIN RSA PRIVATE KEY-----#-----END RSA'],
] as const) {
  test(`what looks like a secret is masked: ${JSON.stringify(masked)}`, () => {
    assert.equal(mask(text), masked)
  })
}

for (const text of [
  '{"message":"pull access denied, no basic auth credentials"}',
  '{"Id":"sha256:0123","Image":"ghcr.io/acme/tokenizer:latest","Config":{"User":"app"}}',
  '["AUTHOR=me","KEYBOARD=us","PATH=/bin"]',
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
  assert.deepEqual(findSecrets('{"Env":["A_TOKEN=longenough"],"Cmd":["echo","longenough"]} B_TOKEN=short'), [
    'longenough',
  ])
})

test('a secret that is found in JSON is known without its escapes', () => {
  assert.deepEqual(findSecrets('["A_TOKEN=quo\\"ted \\u0026 more"]'), ['quo"ted & more'])
})

test('of the environment only what has a name like a secret counts', () => {
  assert.deepEqual(secretsOf({ GHCR_TOKEN: 'a', PATH: 'b', DB_PASS: 'c', EMPTY_TOKEN: undefined }), ['a', 'c'])
})

test('stars are as long as the secret', () => {
  assert.equal(stars('abc'), '***')
})
