import assert from 'node:assert/strict'
import { test } from 'node:test'

import { addressesOf, readCreateCommand, valuesOf, type Flag } from '../../../lib/refresh/successor/create-command.ts'

const flagsOf = (line: string): readonly Flag[] => readCreateCommand(line.split(' ')) ?? assert.fail(line)

test('reads flags up to the image, and no word of the command behind it', () => {
  const flags = flagsOf('podman --url unix:///x run -d --sysctl a=1 --sysctl=b=2=3 --init img --sysctl c=3')
  assert.deepEqual(valuesOf(flags, 'sysctl'), ['a=1', 'b=2=3'])
  assert.deepEqual(valuesOf(flags, 'init'), ['true'])
  assert.deepEqual(valuesOf(flags, 'detach'), ['true'])
})

test('a switch takes no value but one behind an equals sign', () => {
  const flags = flagsOf('podman create --read-only=false --no-hosts img --read-only')
  assert.deepEqual(valuesOf(flags, 'read-only'), ['false'])
  assert.deepEqual(valuesOf(flags, 'no-hosts'), ['true'])
})

test('short flags may stand together, with the value of the last', () => {
  const flags = flagsOf('podman run -dit -eA=1 -e=B=2 -e C=3 -itv /a:/b -m=1g img -e D=4')
  assert.deepEqual(valuesOf(flags, 'env'), ['A=1', 'B=2', 'C=3'])
  assert.deepEqual(valuesOf(flags, 'volume'), ['/a:/b'])
  assert.deepEqual(valuesOf(flags, 'memory'), ['1g'])
  assert.deepEqual(valuesOf(flags, 'tty'), ['true', 'true'])
})

test('two dashes end the flags', () => {
  assert.deepEqual(flagsOf('podman run --init -- --odd'), [{ name: 'init', value: 'true' }])
})

test('a command that ends within its flags is read as far as it goes', () => {
  assert.deepEqual(flagsOf('podman run --ip'), [{ name: 'ip', value: '' }])
})

test('other commands, and none, tell nothing', () => {
  for (const line of ['', 'podman', 'podman kube play x.yaml', 'podman pod create --name run'])
    assert.equal(readCreateCommand(line.split(' ').filter(Boolean)), undefined)
})

test('addresses belong to their networks, and those without one to the first', () => {
  const of = (line: string): [string, object][] => [...addressesOf(flagsOf(`podman run ${line} img`))]
  const none = { ipv4: undefined, ipv6: undefined, mac: undefined }
  assert.deepEqual(of('-d'), [['', none]])
  assert.deepEqual(of('--ip 10.0.0.9'), [['', { ...none, ipv4: '10.0.0.9' }]])
  assert.deepEqual(of('--network a,b --ip6 fd00::9 --mac-address 02:00:00:00:00:01'), [
    ['a', { ...none, ipv6: 'fd00::9', mac: '02:00:00:00:00:01' }],
    ['b', none],
  ])
  assert.deepEqual(of('--net a:ip=10.0.0.9,ip=fd00::9,mac=02:00:00:00:00:01,alias=x --network b:alias=y'), [
    ['a', { ipv4: '10.0.0.9', ipv6: 'fd00::9', mac: '02:00:00:00:00:01' }],
    ['b', none],
  ])
  assert.deepEqual(of('--network bridge:ip=10.88.0.9'), [['', { ...none, ipv4: '10.88.0.9' }]])
})
