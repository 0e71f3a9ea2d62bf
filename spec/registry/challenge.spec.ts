import assert from 'node:assert/strict'
import { test } from 'node:test'

import { array, assert as check, dictionary, property, string, stringMatching, tuple } from 'fast-check'

import { hasCode } from '../../lib/base/errors.ts'
import { chooseChallenge, parseChallenges } from '../../lib/registry/challenge.ts'
import { row } from '../support/matrix.ts'
import { askOnce } from '../support/registry-client.ts'
import { bearer, manifest, serveRegistry } from '../support/registry-server.ts'

const see = (...headers: string[]): string => {
  try {
    const chosen = chooseChallenge(parseChallenges(headers))
    if (chosen === undefined) return 'none'
    return [chosen.scheme, ...[...chosen.params].map(([name, value]) => `${name}=${value}`)].join(' ')
  } catch (error) {
    return hasCode(error, 'PROTOCOL_VIOLATION') ? error.code : String(error)
  }
}

row('B16', 'Basic then Bearer in one header', 'bearer realm=https://a/t service=s', () =>
  see('Basic realm="x", Bearer realm="https://a/t",service="s"'),
)
row('B16', 'Negotiate first, with its token', 'bearer realm=https://a/t', () =>
  see('Negotiate YII/abc+d==, Bearer realm="https://a/t"'),
)
row('B16', 'Negotiate without token, and Basic in a second header', 'basic realm=x', () =>
  see('Negotiate', 'Basic realm="x"'),
)
row('B16', 'a registry that names Basic and then Bearer', manifest().digest, async () => {
  await using server = await serveRegistry({
    challenge: (origin) => ['Negotiate', `Basic realm="x", ${bearer(origin)}`],
    admits: (given) => given === 'Bearer token-1',
  })
  return await askOnce(`${server.host}/acme/app`)
})
row('B17', 'quoted comma and escaped quote', 'bearer realm=https://a/t service=a, "b" \\', () =>
  see('Bearer realm="https://a/t", service="a, \\"b\\" \\\\"'),
)
row('B17', 'quote that is not closed', 'PROTOCOL_VIOLATION', () => see('Bearer realm="https://a/t, service=s'))
row('B17', 'escape at the very end', 'PROTOCOL_VIOLATION', () => see('Bearer realm="a\\'))
row('B17', 'parameter without scheme', 'PROTOCOL_VIOLATION', () => see('realm="a"'))
row('B17', 'parameter that comes twice', 'PROTOCOL_VIOLATION', () => see('Bearer realm="a", realm="b"'))
row('B17', 'a registry whose challenge is not closed', 'PROTOCOL_VIOLATION', async () => {
  await using server = await serveRegistry({ challenge: () => 'Bearer realm="https://a' })
  return await askOnce(`${server.host}/acme/app`)
})
row('B18', 'header of 100 KiB for the parser', 'PROTOCOL_VIOLATION', () =>
  see(`Bearer realm="${'x'.repeat(100 << 10)}"`),
)
row('B18', 'header of 100 KiB on the wire', 'PROTOCOL_VIOLATION', async () => {
  await using server = await serveRegistry({ challenge: () => `Bearer realm="${'x'.repeat(100 << 10)}"` })
  return await askOnce(`${server.host}/acme/app`)
})

test('names fold case, values do not', () => {
  assert.equal(see('BEARER Realm="https://A/T",SERVICE=Reg.Example'), 'bearer realm=https://A/T service=Reg.Example')
})

test('white space, empty list members and quotes that were left out are passed over', () => {
  assert.equal(see(' ,, Bearer  realm = "https://a/t" ,, service=s ,'), 'bearer realm=https://a/t service=s')
  assert.equal(see('Bearer realm=https://a/t,service=s'), 'bearer realm=https://a/t service=s')
})

test('other schemes only are no challenge that can be answered', () => {
  assert.equal(see('Negotiate abc=, Digest realm="x", nonce="y"'), 'none')
  assert.equal(see(''), 'none')
})

test('any challenges that are printed are read back the same', () => {
  const token = stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
  const params = dictionary(token, string({ unit: 'binary-ascii', maxLength: 12 }), { minKeys: 1, maxKeys: 4 })
  check(
    property(array(tuple(token, params), { minLength: 1, maxLength: 4 }), (challenges) => {
      const header = challenges
        .map(([scheme, values]) => {
          const list = Object.entries(values).map(([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&')}"`)
          return `${scheme} ${list.join(', ')}`
        })
        .join(', ')
      const read = parseChallenges([header]).map(({ scheme, params }) => [scheme, Object.fromEntries(params)])
      assert.deepEqual(
        read,
        challenges.map(([scheme, values]) => [scheme, { ...values }]),
      )
    }),
  )
})

test('any text at all is read or refused, never anything else', () => {
  check(
    property(string({ maxLength: 200 }), (text) => {
      try {
        parseChallenges([text])
      } catch (error) {
        assert.ok(hasCode(error, 'PROTOCOL_VIOLATION'), String(error))
      }
    }),
  )
})
