import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  AbortedError,
  ApiError,
  ConnectionError,
  CredentialError,
  DockerError,
  InputError,
  ProtocolError,
  RefreshError,
  StreamError,
  TimeoutError,
  VersionError,
  hasCode,
  isConflict,
  isDockerError,
  isNotFound,
  isUncertain,
  isUnreachable,
  messageOf,
  printable,
} from '../../lib/base/errors.ts'

const CLASSES = {
  AbortedError,
  ApiError,
  ConnectionError,
  CredentialError,
  InputError,
  ProtocolError,
  RefreshError,
  StreamError,
  TimeoutError,
  VersionError,
}

test('each error is an Error and a DockerError under its own name, with code, details and cause', () => {
  for (const [name, Class] of Object.entries(CLASSES)) {
    const cause = new Error('below')
    const error = new Class('UNEXPECTED', 'what happened', {
      status: 500,
      method: 'GET',
      path: '/x',
      words: 'oops',
      cause,
      facts: { a: 1 },
    })
    assert.ok(error instanceof Error && error instanceof DockerError && isDockerError(error))
    assert.equal(error.name, name)
    assert.deepEqual(
      [error.code, error.message, error.status, error.method, error.path, error.words, error.cause, error.facts],
      ['UNEXPECTED', 'what happened', 500, 'GET', '/x', 'oops', cause, { a: 1 }],
    )
  }
})

test('details that were not given are undefined, facts are empty, and there is no cause', () => {
  const error = new ApiError('NOT_FOUND', 'no')
  assert.deepEqual([error.status, error.method, error.words, error.facts], [undefined, undefined, undefined, {}])
  assert.equal('cause' in error, false)
})

test('an error of another copy of this library is known by its brand', () => {
  const foreign = Object.assign(new Error('gone'), { brand: 'dockline', code: 'NOT_FOUND' })
  assert.ok(isDockerError(foreign) && isNotFound(foreign) && hasCode(foreign, 'CONFLICT', 'NOT_FOUND'))
})

test('what is no dockline error has no code', () => {
  for (const value of [new Error('x'), { brand: 'dockline', code: 'NOT_FOUND' }, null, undefined, 'NOT_FOUND', 404]) {
    assert.equal(isDockerError(value), false)
    assert.equal(hasCode(value, 'NOT_FOUND'), false)
    assert.equal(isNotFound(value), false)
  }
})

const guards = { isConflict, isNotFound, isUncertain, isUnreachable }
const meant: Readonly<Record<keyof typeof guards, readonly string[]>> = {
  isConflict: ['CONFLICT'],
  isNotFound: ['NOT_FOUND'],
  isUncertain: ['CONNECTION_LOST', 'TIMEOUT', 'PROTOCOL_VIOLATION', 'ENGINE_ERROR'],
  isUnreachable: ['ENGINE_UNREACHABLE', 'ENGINE_PERMISSION'],
}
const SAMPLE = [...new Set(Object.values(meant).flat()), 'BUSY', 'ABORTED', 'BAD_REQUEST', 'TLS'] as const
test('each guard is true for its codes and for no other', () => {
  for (const [name, guard] of Object.entries(guards)) {
    const yes = SAMPLE.filter((code) => guard(new DockerError(code as 'BUSY', 'x')))
    assert.deepEqual(yes.toSorted(), meant[name as keyof typeof guards].toSorted(), name)
  }
})

test('a message of foreign text is one line without control characters, of bounded length', () => {
  assert.equal(printable('a\r\nb\u001b]0;title\u0007c\u009bd\0 '), 'a b ]0;title c d')
  assert.equal(printable('x'.repeat(100), 10), `${'x'.repeat(10)}…`)
  assert.equal(messageOf(new Error('a\nb')), 'a b')
  assert.equal(messageOf('text'), 'text')
  assert.equal(messageOf(undefined), 'undefined')
  assert.equal(messageOf(new Error('y'.repeat(5000))).length, 2001)
})
