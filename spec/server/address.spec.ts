import assert from 'node:assert/strict'
import { test } from 'node:test'

import { addressText, readAddress } from '../../lib/server/address.ts'

for (const [text, printed] of [
  ['127.0.0.1:8787', '127.0.0.1:8787'],
  [':0', '127.0.0.1:0'],
  ['[::1]:80', '[::1]:80'],
  ['0.0.0.0:65535', '0.0.0.0:65535'],
  ['unix:/run/dockline.sock', 'unix:/run/dockline.sock'],
  ['unix:///run/dockline.sock', 'unix:/run/dockline.sock'],
] as const) {
  test(`${text} is an address`, () => {
    const address = readAddress(text)
    assert.equal(address === undefined ? undefined : addressText(address), printed)
  })
}

for (const text of ['', '8787', 'host', '127.0.0.1:65536', '127.0.0.1:', 'unix:relative', 'a b:80', 'http://a:80']) {
  test(`${JSON.stringify(text)} is no address`, () => assert.equal(readAddress(text), undefined))
}
