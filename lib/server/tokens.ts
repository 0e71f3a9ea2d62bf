import { createHash, timingSafeEqual } from 'node:crypto'

import { InputError } from '../base/errors.ts'
import type { Secret } from '../base/secret.ts'

/** Whoever knows the secret may do everything; the name is what the audit log shows. */
export interface NamedToken {
  readonly name: string
  readonly secret: Secret
}

/** Finds out whose token a request bears. */
export interface TokenCheck {
  /** Name of the token in an `Authorization` header; `undefined` for a header that is absent or wrong in any way. */
  nameOf(authorization: string | undefined): string | undefined
}

const MIN_LENGTH = 16
// The scheme as RFC 6750 writes it; a token is one word of printable ASCII. Two headers arrive joined, and so do not fit.
const BEARER = /^Bearer ([\x21-\x7e]{1,512})$/

/**
 * Compares SHA-256 digests in constant time, all of them each time: neither length, nor prefix, nor position tells.
 *
 * @throws InputError `CONFIG_INVALID` for no token at all, a weak one, or two of one name or value
 */
export function createTokenCheck(tokens: readonly NamedToken[]): TokenCheck {
  const problem = tokenProblems(tokens)[0]
  if (problem !== undefined) throw new InputError('CONFIG_INVALID', problem)
  const known = tokens.map(({ name, secret }) => ({ name, digest: digest(secret.reveal()) }))
  return {
    nameOf: (authorization) => {
      const given = digest(BEARER.exec(authorization ?? '')?.[1] ?? '')
      let found: string | undefined
      for (const token of known) {
        if (timingSafeEqual(token.digest, given)) found = token.name
      }
      return found
    },
  }
}

/** What is wrong with a set of tokens, in words without any part of a token. */
export function tokenProblems(tokens: readonly NamedToken[]): string[] {
  if (tokens.length === 0)
    return ['no admin token: set ADMIN_TOKEN or ADMIN_TOKEN_FILE, or give --token-file NAME=PATH']
  const problems = tokens.flatMap(({ name, secret }) => weakness(name, secret.reveal()))
  if (new Set(tokens.map(({ name }) => name)).size < tokens.length) problems.push('two admin tokens have the same name')
  if (new Set(tokens.map(({ secret }) => secret.reveal())).size < tokens.length)
    problems.push('two admin tokens have the same value')
  return problems
}

function weakness(name: string, value: string): string[] {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name))
    return [`admin token ${JSON.stringify(name)}: a name has 1 to 64 letters, digits, ".", "_" or "-"`]
  if (value.length < MIN_LENGTH)
    return [`admin token "${name}" has ${value.length} characters: at least ${MIN_LENGTH} are needed`]
  return /^[\x21-\x7e]{1,512}$/.test(value)
    ? []
    : [`admin token "${name}" must be at most 512 characters of printable ASCII without spaces`]
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
