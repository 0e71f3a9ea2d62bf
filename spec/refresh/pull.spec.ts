import assert from 'node:assert/strict'
import { test } from 'node:test'

import { CredentialError } from '../../lib/base/errors.ts'
import { pullTarget, type PullContext } from '../../lib/refresh/pull.ts'
import type { ImageReport, RefreshEvent } from '../../lib/refresh/report.ts'
import { imageTarget } from '../../lib/refresh/target.ts'
import { APP, setStage, version, type Stage, type StageOptions } from '../support/stage.ts'

const PRIVATE = 'registry.example:5000/acme/private:latest'
const LOGIN = { 'registry.example:5000': { username: 'ci', password: 'right-secret' } }

const contextOf = ({ ports, events }: Stage, extra: Partial<PullContext> = {}): PullContext => ({
  ...ports,
  onEvent: (event: RefreshEvent) => void events.push(event),
  ...extra,
})
const pull = (stage: Stage, reference: string, extra?: Partial<PullContext>): Promise<ImageReport> =>
  pullTarget(contextOf(stage, extra), imageTarget(reference))

test('an image that is new is updated, one that is there is current, and both ids are told', async () => {
  const stage = await setStage()
  const before = stage.model.images()[0]?.id
  const current = await pull(stage, APP)
  assert.deepEqual([current.outcome, current.before, current.after], ['current', before, before])
  const digest = stage.model.publish(APP, version(2))
  const updated = await pull(stage, APP)
  assert.deepEqual([updated.outcome, updated.before, updated.digest], ['updated', before, digest])
  assert.notEqual(updated.after, before)
})

test('an image that was not there has no id before', async () => {
  const stage = await setStage({ images: {} })
  stage.model.publish('nginx', version(1))
  const { target, ref, before, outcome } = await pull(stage, 'nginx')
  assert.deepEqual([target, ref, before, outcome], ['nginx', 'docker.io/library/nginx:latest', null, 'updated'])
})

test('a pinned reference is not pulled', async () => {
  const stage = await setStage()
  const digest = `sha256:${'a'.repeat(64)}`
  const image = await pull(stage, `${APP}@${digest}`)
  assert.deepEqual([image.outcome, image.digest, stage.changes()], ['pinned', digest, []])
})

test('an image that is not there is a failure with its code, and what was there stays', async () => {
  const stage = await setStage()
  const image = await pull(stage, 'ghcr.io/acme/nothing:latest')
  assert.deepEqual([image.outcome, image.before, image.after, image.error?.code], ['failed', null, null, 'NOT_FOUND'])
})

/** A stage with a private registry and this credential for it. */
async function privateStage(password: string | undefined, extra: StageOptions = {}): Promise<Stage> {
  const stage = await setStage({
    images: {},
    credentials: LOGIN,
    ...extra,
    credentials_: {
      resolve: async () => ({
        auth: password === undefined ? undefined : { username: 'ci', password },
        source: password === undefined ? 'anonymous' : 'auths of /home/u/.docker/config.json',
      }),
    },
  })
  stage.model.publish(PRIVATE, version(1))
  return stage
}

test('a private image comes with the credential of its registry', async () => {
  assert.equal((await pull(await privateStage('right-secret'), PRIVATE)).outcome, 'updated')
})

test('a credential that is refused is named by where it came from, and never by what it is', async () => {
  const { error } = await pull(await privateStage('wrong-secret'), PRIVATE)
  assert.equal(error?.code, 'CREDENTIALS_REJECTED')
  assert.match(error?.message ?? '', /Credential used: auths of \/home\/u\/\.docker\/config\.json\.$/)
  assert.match(error?.message ?? '', /registry\.example:5000/)
  assert.doesNotMatch(error?.message ?? '', /secret/)
})

test('a credential that is missing is told as missing', async () => {
  const { error } = await pull(await privateStage(undefined), PRIVATE)
  assert.equal(error?.code, 'CREDENTIALS_MISSING')
  assert.match(error?.message ?? '', /Credential used: anonymous\.$/)
})

test('credentials that cannot be read fail the image, and nothing is pulled without them', async () => {
  const stage = await setStage()
  const credentials = {
    resolve: () => Promise.reject(new CredentialError('CREDENTIALS_INVALID', 'config.json is no JSON')),
  }
  const image = await pull(stage, APP, { credentials })
  assert.deepEqual(
    [image.outcome, image.error],
    ['failed', { code: 'CREDENTIALS_INVALID', message: 'config.json is no JSON' }],
  )
  assert.deepEqual(stage.changes(), [])
})

test('the resolver is asked for the very registry and repository', async () => {
  const stage = await setStage()
  const asked: unknown[][] = []
  const credentials = {
    resolve: async (...about: unknown[]) => {
      asked.push(about)
      return { auth: undefined, source: 'anonymous' }
    },
  }
  await pull(stage, APP, { credentials })
  assert.deepEqual(asked, [['ghcr.io', 'acme/app']])
})

test('progress is told by target and reference, and never goes back', async () => {
  const stage = await setStage()
  stage.model.publish(APP, version(2))
  const { bytes } = await pull(stage, APP)
  const told = stage.events.flatMap((event) => (event.type === 'pull' ? [event] : []))
  assert.ok(told.length > 0)
  assert.ok(told.every(({ target, ref }) => target === APP && ref === APP))
  let before = 0
  for (const { current, total } of told) {
    assert.ok(current >= before && total >= current)
    before = current
  }
  assert.equal(bytes, before)
})

test('a pull that is cut, and one that the signal ends, are failures', async () => {
  const stage = await setStage()
  stage.model.publish(APP, version(2))
  stage.model.faults = ({ path }) => (path === '/images/create' ? { kind: 'after', action: 'cut' } : undefined)
  assert.equal((await pull(stage, APP)).outcome, 'failed')
  stage.model.faults = undefined
  const stop = new AbortController()
  stop.abort(new Error('SIGINT'))
  assert.equal((await pull(stage, APP, { signal: stop.signal })).outcome, 'failed')
})

test('terminal escapes in what an engine says reach no message', async () => {
  const stage = await setStage()
  const images = { inspect: () => Promise.reject(new Error('bad \u001b[31mthing\u009b2J')) }
  const { error } = await pull(stage, APP, { engine: { ...stage.docker, images: images as never } })
  // eslint-disable-next-line no-control-regex -- exactly these
  assert.doesNotMatch(error?.message ?? '', /[\u0000-\u001f\u007f-\u009f]/)
})
