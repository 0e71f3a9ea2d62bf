import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

import { hasCode } from '../../../lib/base/errors.ts'
import { systemFiles } from '../../../lib/base/system.ts'
import type { HelperRunner } from '../../../lib/registry/credentials/helper.ts'
import { createCredentials } from '../../../lib/registry/credentials/resolve.ts'
import {
  basic,
  configWith,
  credentialWorld,
  DOCKER_CONFIG,
  shown,
  type WorldOptions,
} from '../../support/credentials.ts'
import { row } from '../../support/matrix.ts'

const see = async (options: WorldOptions, registry: string, repository?: string): Promise<string> => {
  try {
    return shown((await credentialWorld(options).credentials.resolve(registry, repository)).auth)
  } catch (error) {
    return hasCode(error, 'CREDENTIALS_INVALID', 'CREDENTIAL_HELPER_FAILED') ? error.code : String(error)
  }
}

row('F48', 'bad entry beside a good one', 'good p; bad one named, its text not shown', async () => {
  const world = credentialWorld({
    files: configWith({ 'bad.example': { auth: 'canary!' }, 'good.example': basic('good:p') }),
  })
  const { auth } = await world.credentials.resolve('good.example')
  const { source } = await world.credentials.resolve('bad.example')
  const told = `${source} ${world.log.join(' ')}`
  const named = source.includes('bad.example') && world.log.join().includes('bad.example') && !told.includes('canary')
  return `${shown(auth)}; ${named ? 'bad one named, its text not shown' : told}`
})

row('F50', '__proto__ as a key of auths', 'u p; no other object changed', async () => {
  const seen = await see({ files: configWith({ ['__proto__']: basic('evil:p'), 'ghcr.io': basic('u:p') }) }, 'ghcr.io')
  return `${seen}; ${'auth' in {} ? 'prototype polluted' : 'no other object changed'}`
})
row('F50', 'constructor asked for as a registry', 'none', () => see({ files: configWith({}) }, 'constructor'))

row('F52', 'config.json is a directory', 'CREDENTIALS_INVALID', () => realFile((path) => mkdirSync(path)))
row('F52', 'config.json is a FIFO', 'CREDENTIALS_INVALID', () => realFile((path) => execFileSync('mkfifo', [path])))
row('F52', 'config.json of 100 MiB', 'CREDENTIALS_INVALID', () =>
  realFile((path) => {
    writeFileSync(path, '')
    truncateSync(path, 100 << 20)
  }),
)
row('F52', 'config.json with mode 0644', 'u p; warned', () =>
  realFile((path) => {
    writeFileSync(path, configWith({ 'ghcr.io': basic('u:p') })[DOCKER_CONFIG] ?? '')
    chmodSync(path, 0o644)
  }),
)

row('F55', 'file rotated while running', 'old p, then new p', async () => {
  const world = credentialWorld({ files: configWith({ 'ghcr.io': basic('old:p') }) })
  const before = shown((await world.credentials.resolve('ghcr.io')).auth)
  world.files.set(DOCKER_CONFIG, configWith({ 'ghcr.io': basic('new:p') })[DOCKER_CONFIG] ?? '')
  return `${before}, then ${shown((await world.credentials.resolve('ghcr.io')).auth)}`
})

const namedAfterSuffix: HelperRunner = async (suffix) => ({
  exitCode: 0,
  stdout: JSON.stringify({ ServerURL: '', Username: suffix, Secret: 's' }),
})
const folder = mkdtempSync(join(tmpdir(), 'dockline-logins-'))
after(() => rmSync(folder, { recursive: true, force: true }))
let made = 0

async function realFile(make: (path: string) => void): Promise<string> {
  const directory = join(folder, String(made++))
  mkdirSync(directory)
  make(join(directory, 'config.json'))
  const log: string[] = []
  const note = (message: string): void => void log.push(message)
  const credentials = createCredentials({
    env: { DOCKER_CONFIG: directory, HOME: directory },
    files: systemFiles,
    log: { info: note, warn: note },
  })
  try {
    const { auth } = await credentials.resolve('ghcr.io')
    return `${shown(auth)}; ${log.some((line) => line.includes('chmod 600')) ? 'warned' : 'silent'}`
  } catch (error) {
    return hasCode(error, 'CREDENTIALS_INVALID') ? error.code : String(error)
  }
}

test('the helper of a registry wins over the store, and the store over auths', async () => {
  const files = configWith(
    { 'a.example': basic('file:p'), 'b.example': basic('file:p'), 'c.example': basic('file:p') },
    { credHelpers: { 'a.example': 'own', 'c.example': '' }, credsStore: 'store' },
  )
  assert.equal(await see({ files, helpers: namedAfterSuffix }, 'a.example'), 'own s')
  assert.equal(await see({ files, helpers: namedAfterSuffix }, 'b.example'), 'store s')
  assert.equal(
    await see({ files, helpers: namedAfterSuffix }, 'c.example'),
    'file p',
    'an empty helper switches the store off',
  )
})

test('a helper that fails is an error, whatever other places hold', async () => {
  const options: WorldOptions = {
    env: { XDG_RUNTIME_DIR: '/run/u' },
    files: {
      ...configWith({ 'a.example': basic('file:p') }, { credsStore: 'store' }),
      '/run/u/containers/auth.json': JSON.stringify({ auths: { 'a.example': basic('pod:p') } }),
    },
    helpers: async () => ({ exitCode: 1, stdout: 'the keychain is locked' }),
  }
  assert.equal(await see(options, 'a.example'), 'CREDENTIAL_HELPER_FAILED')
})

test('a helper without the login leaves the secrets of its own file alone', async () => {
  const world = credentialWorld({
    files: configWith({ 'a.example': basic('file:p') }, { credsStore: 'store' }),
    helpers: async () => ({ exitCode: 1, stdout: 'credentials not found in native keychain\n' }),
  })
  const { auth, source } = await world.credentials.resolve('a.example')
  assert.equal(auth, undefined)
  assert.equal(source, 'anonymous (credential helper store has none)')
})

test('a helper is asked for Docker Hub by its literal key, and once in a poll', async () => {
  const world = credentialWorld({
    files: configWith({}, { credsStore: 'store' }),
    helpers: async () => ({ exitCode: 0, stdout: '{"Username":"u","Secret":"s"}' }),
  })
  await world.credentials.resolve('docker.io')
  await world.credentials.resolve('index.docker.io')
  assert.deepEqual(world.asked, ['store https://index.docker.io/v1/'])
})

test('DOCKER_CONFIG names the directory of config.json', async () => {
  const files = { '/etc/d/config.json': JSON.stringify({ auths: { 'a.example': basic('u:p') } }) }
  assert.equal(await see({ env: { DOCKER_CONFIG: '/etc/d' }, files }, 'a.example'), 'u p')
})

test('of podman entries the longest part of the name wins, and a part says nothing about the rest', async () => {
  const auths = { 'a.example': basic('host:p'), 'a.example/team': basic('team:p'), 'b.example/team': basic('team:p') }
  const options: WorldOptions = {
    env: { REGISTRY_AUTH_FILE: '/auth.json' },
    files: { '/auth.json': JSON.stringify({ auths }) },
  }
  assert.equal(await see(options, 'a.example', 'team/app'), 'team p')
  assert.equal(await see(options, 'a.example', 'teams/app'), 'host p')
  assert.equal(await see(options, 'b.example', 'other/app'), 'none')
})

test('a REGISTRY_AUTH_FILE that is not there is an error', async () => {
  assert.equal(await see({ env: { REGISTRY_AUTH_FILE: '/nowhere.json' } }, 'a.example'), 'CREDENTIALS_INVALID')
})
