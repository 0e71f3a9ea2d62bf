import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ApiError, StreamError } from '../../lib/base/errors.ts'
import { imageUnavailable, isImageMissing, runtimeOfImage, workspaceImage } from '../../lib/workspace/image.ts'

const apiError = (status: number, words: string, path = '/containers/create'): ApiError =>
  new ApiError(status === 404 ? 'NOT_FOUND' : 'ENGINE_ERROR', words, { status, words, path })

test('TestIsImageNotFoundErr: only a 404 that speaks of an image says that one is missing', () => {
  const rows: readonly [error: unknown, missing: boolean][] = [
    [undefined, false],
    [apiError(404, 'No such image: ghcr.io/a/b:latest'), true],
    [apiError(404, 'no such image: b'), true],
    [apiError(404, 'image b: not found'), true],
    [apiError(404, 'container not found'), false],
    [apiError(404, 'network agents not found'), false],
    [apiError(500, 'No such image: b'), false],
    [apiError(404, 'whatever', '/images/b/json'), true],
    [new Error('No such image: b'), false],
  ]
  for (const [error, missing] of rows) assert.equal(isImageMissing(error), missing, String(error))
})

test('TestRuntimeTagFromImage: the runtime is read from the name, else from the tag', () => {
  const rows: readonly [image: string, runtime: string][] = [
    ['workspace-template:hermes', 'hermes'],
    ['local/workspace-template:claude-code', 'claude-code'],
    ['ghcr.io/molecule-ai/workspace-template-hermes:latest', 'hermes'],
    ['ghcr.io/molecule-ai/workspace-template-gemini-cli:v1', 'gemini-cli'],
    ['workspace-template-crewai', 'crewai'],
    [`ghcr.io/molecule-ai/workspace-template-hermes@sha256:${'0'.repeat(64)}`, 'hermes'],
    ['redis:7', '7'],
    ['redis', 'redis'],
    ['foo:', 'foo:'],
    ['', ''],
  ]
  for (const [image, runtime] of rows) assert.equal(runtimeOfImage(image), runtime, image)
})

test('TestImageNotFoundErrorIncludesPullHint: the error has the reference, the runtime, the cure and the cause', () => {
  const cause = new StreamError('NOT_FOUND', 'manifest unknown')
  const error = imageUnavailable('ghcr.io/molecule-ai/workspace-template-hermes:latest', cause)
  assert.match(error.message, /"ghcr\.io\/molecule-ai\/workspace-template-hermes:latest"/)
  assert.match(error.message, /verify GHCR visibility for hermes/)
  assert.match(error.message, /underlying error: manifest unknown/)
  assert.equal(error.cause, cause)
  assert.equal(error.code, 'NOT_FOUND')
})

test('a runtime has its image in the registry that the environment names', () => {
  assert.equal(workspaceImage({ runtime: 'hermes' }, {}), 'ghcr.io/molecule-ai/workspace-template-hermes:latest')
  const env = { MOLECULE_IMAGE_REGISTRY: 'r.example/team/' }
  assert.equal(workspaceImage({ runtime: 'hermes' }, env), 'r.example/team/workspace-template-hermes:latest')
})

test('no runtime means langgraph; an unknown one is an error that names the known, and never another runtime', () => {
  for (const runtime of [undefined, ''])
    assert.equal(workspaceImage({ runtime }, {}), 'ghcr.io/molecule-ai/workspace-template-langgraph:latest')
  assert.throws(() => workspaceImage({ runtime: 'nosuch' }, {}), { code: 'INPUT_INVALID', message: /langgraph/ })
})

test('an image of its own wins over the runtime, whatever that is', () => {
  assert.equal(workspaceImage({ image: 'a/b', runtime: 'nosuch' }, {}), 'docker.io/a/b:latest')
})
