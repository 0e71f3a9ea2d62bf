import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  AbortedError,
  ApiError,
  ConnectionError,
  ProtocolError,
  TimeoutError,
  isUncertain,
  type DockerError,
  type ErrorCode,
} from '../../lib/base/errors.ts'
import { connectionFailure, statusError } from '../../lib/wire/failure.ts'

const where = { method: 'GET', path: '/containers/json', endpoint: 'unix:///var/run/docker.sock' }

const statuses: readonly [status: number, code: ErrorCode][] = [
  [301, 'REDIRECTED'],
  [302, 'REDIRECTED'],
  [307, 'REDIRECTED'],
  [400, 'BAD_REQUEST'],
  [401, 'UNAUTHORIZED'],
  [403, 'FORBIDDEN'],
  [404, 'NOT_FOUND'],
  [405, 'BAD_REQUEST'],
  [406, 'BAD_REQUEST'],
  [409, 'CONFLICT'],
  [429, 'RATE_LIMITED'],
  [500, 'ENGINE_ERROR'],
  [501, 'ENGINE_ERROR'],
  [503, 'ENGINE_ERROR'],
]
for (const [status, code] of statuses) {
  test(`status ${status} is ${code}, and the message says where and what the engine said`, () => {
    const error = statusError(status, 'application/json', '{"message":"these words"}', where)
    assert.ok(error instanceof ApiError)
    assert.deepEqual(
      [error.code, error.status, error.method, error.path, error.words],
      [code, status, where.method, where.path, 'these words'],
    )
    assert.match(error.message, new RegExp(`${status} to GET /containers/json: these words`))
  })
}

const bodies: readonly [what: string, type: string, body: string, words: string][] = [
  ['JSON', 'application/json', '{"message":"m"}\n', 'm'],
  ['JSON of podman', 'application/json', '{"cause":"c","message":"m","response":404}', 'm'],
  ['JSON without its type', '', '{"message":"m"}', 'm'],
  ['plain text', 'text/plain', 'page not found\n', 'page not found'],
  ['a page of a proxy', 'text/html', '<html>\r\n502</html>', '<html> 502</html>'],
  ['JSON that is broken', 'application/json', '{"message":', '{"message":'],
  ['JSON of another shape', 'application/json', '{"message":{"a":1}}', '{"message":{"a":1}}'],
  ['null', 'application/json', 'null', 'null'],
  ['nothing', 'application/json', '', ''],
  ['terminal escapes', 'application/json', '{"message":"a\\u001b[31mb\\nc"}', 'a [31mb c'],
]
for (const [what, type, body, words] of bodies) {
  test(`the words of an error body are read from ${what}`, () => {
    assert.equal(statusError(500, type, body, where).words, words)
  })
}

test('the words are bounded', () => {
  const body = JSON.stringify({ message: 'x'.repeat(60_000) })
  const error = statusError(500, 'application/json', body, where)
  assert.equal(error.words?.length, 4097)
  assert.ok(error.message.length < 5000)
})

function failure(code: string, message = 'below'): Error {
  return Object.assign(new Error(message), { code })
}

const causes: readonly [cause: string, code: ErrorCode, message: RegExp][] = [
  ['ENOENT', 'ENGINE_UNREACHABLE', /unix:\/\/\/var\/run\/docker\.sock \(ENOENT\).*Start the engine.*DOCKER_HOST/],
  ['ECONNREFUSED', 'ENGINE_UNREACHABLE', /Start the engine/],
  ['ENOTSOCK', 'ENGINE_UNREACHABLE', /Start the engine/],
  ['ENOTFOUND', 'ENGINE_UNREACHABLE', /Start the engine/],
  ['UND_ERR_CONNECT_TIMEOUT', 'ENGINE_UNREACHABLE', /Start the engine/],
  ['EACCES', 'ENGINE_PERMISSION', /group.*stat -c %g \/var\/run\/docker\.sock/],
  ['EPERM', 'ENGINE_PERMISSION', /group/],
  ['ECONNRESET', 'CONNECTION_LOST', /not known/],
  ['EPIPE', 'CONNECTION_LOST', /not known/],
  ['UND_ERR_SOCKET', 'CONNECTION_LOST', /not known/],
  ['UND_ERR_HEADERS_TIMEOUT', 'TIMEOUT', /not known/],
  ['UND_ERR_BODY_TIMEOUT', 'TIMEOUT', /not known/],
  ['UND_ERR_ABORTED', 'ABORTED', /GET \/containers\/json/],
  ['UND_ERR_DESTROYED', 'ABORTED', /closed/],
  ['UND_ERR_CLOSED', 'ABORTED', /closed/],
  ['UND_ERR_INVALID_ARG', 'INPUT_INVALID', /below/],
  ['HPE_INVALID_CONSTANT', 'PROTOCOL_VIOLATION', /HTTP/],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'PROTOCOL_VIOLATION', /HTTP/],
  ['UND_ERR_HEADERS_OVERFLOW', 'PROTOCOL_VIOLATION', /HTTP/],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'TLS', /ca\.pem/],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'TLS', /ca\.pem/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'TLS', /ca\.pem/],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'TLS', /ca\.pem/],
  ['CERT_HAS_EXPIRED', 'TLS', /certificate/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'TLS', /certificate/],
  ['ERR_OSSL_PEM_NO_START_LINE', 'TLS', /PEM/],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS', /DOCKER_TLS_VERIFY/],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'TLS', /DOCKER_CERT_PATH/],
]
for (const [cause, code, message] of causes) {
  test(`a connection that fails with ${cause} is ${code}, and the message names the cure`, () => {
    const below = failure(cause)
    const error = connectionFailure(below, where)
    assert.equal(error.code, code)
    assert.match(error.message, message)
    assert.deepEqual([error.method, error.path, error.cause], [where.method, where.path, below])
  })
}

const classes: readonly [cause: string, Class: typeof DockerError][] = [
  ['UND_ERR_HEADERS_TIMEOUT', TimeoutError],
  ['UND_ERR_ABORTED', AbortedError],
  ['HPE_INVALID_CONSTANT', ProtocolError],
  ['ECONNRESET', ConnectionError],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', ConnectionError],
]
test('a failure has the class of its cause', () => {
  for (const [cause, Class] of classes) assert.ok(connectionFailure(failure(cause), where) instanceof Class, cause)
})

test('the same errno is harmless while connecting and of unknown effect later', () => {
  for (const errno of ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNRESET']) {
    const connecting = Object.assign(failure(errno), { syscall: 'connect' })
    assert.equal(connectionFailure(connecting, where).code, 'ENGINE_UNREACHABLE')
    const reading = Object.assign(failure(errno), { syscall: 'read' })
    assert.equal(connectionFailure(reading, where).code, 'CONNECTION_LOST')
  }
})

test('what is not known at all is a lost connection, in its own words without control characters', () => {
  const error = connectionFailure(new Error('odd\u001b[31m\nthing'), where)
  assert.equal(error.code, 'CONNECTION_LOST')
  assert.match(error.message, /odd \[31m thing/)
  assert.ok(isUncertain(error))
  for (const value of [undefined, null, 'text', 7])
    assert.equal(connectionFailure(value, where).code, 'CONNECTION_LOST')
})

test('an error of this library passes as it is', () => {
  const error = new TimeoutError('TIMEOUT', 'mine')
  assert.equal(connectionFailure(error, where), error)
})

test('an aborted signal says so, whatever the connection said, with its reason as cause', () => {
  const reason = new Error('the user left')
  const error = connectionFailure(failure('ECONNRESET'), where, AbortSignal.abort(reason))
  assert.ok(error instanceof AbortedError)
  assert.equal(error.cause, reason)
})

test('a deadline that fired through the signal stays a timeout', () => {
  const deadline = new TimeoutError('TIMEOUT', 'took longer than 5 ms')
  assert.equal(connectionFailure(failure('ECONNRESET'), where, AbortSignal.abort(deadline)), deadline)
})

test('the signal of AbortSignal.timeout() is a timeout, not an abort', () => {
  const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError')
  const error = connectionFailure(failure('UND_ERR_ABORTED'), where, AbortSignal.abort(reason))
  assert.ok(error instanceof TimeoutError)
  assert.equal(error.code, 'TIMEOUT')
})

test('several addresses that all refuse are one unreachable engine', () => {
  const all = Object.assign(new AggregateError([failure('ECONNREFUSED'), failure('ECONNREFUSED')]), {
    code: 'ECONNREFUSED',
  })
  assert.equal(connectionFailure(all, { ...where, endpoint: 'tcp://localhost:2375' }).code, 'ENGINE_UNREACHABLE')
})

test('an answer without a body reads well', () => {
  const { message } = statusError(403, '', '', { method: 'GET', path: '/info', endpoint: 'unix:///x' })
  assert.equal(message, 'the engine answered 403 to GET /info without a word')
})

test('a name that a TLS server does not know is not blamed on the certificate of the client', () => {
  const cause = Object.assign(new Error('alert'), { code: 'ERR_SSL_TLSV1_ALERT_UNRECOGNIZED_NAME' })
  const { message } = connectionFailure(cause, { method: 'GET', path: '/info', endpoint: 'tcp://x:1' })
  assert.match(message, /tls\.servername/)
  assert.doesNotMatch(message, /cert\.pem/)
})
