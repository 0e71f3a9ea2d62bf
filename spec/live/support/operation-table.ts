import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

import { isDockerError, type DockerError } from '../../../lib/base/errors.ts'
import type { Profile } from './profile.ts'

/** Where an engine differs from what dockerd with all its parts does, and why. */
export interface Difference {
  readonly operation: string
  readonly on: (profile: Profile) => boolean
  /** Status of the refusal, or code of the error where a stream reported it. */
  readonly status: number | string
  /** Needed in the engine's words. */
  readonly words?: RegExp
  readonly reason: string
  /** Depends on what the host has: success is as good. */
  readonly sometimes?: true
}

/** Drives operations against one engine, and keeps what came of each. */
export class OperationTable {
  readonly #profile: Profile
  readonly #differences: readonly Difference[]
  readonly #statuses = new Map<string, Set<number>>()
  readonly #results = new Map<string, string>()

  constructor(profile: Profile, differences: readonly Difference[]) {
    this.#profile = profile
    this.#differences = differences
  }

  /** For an observing transport. */
  observe(operation: string, status: number): void {
    const statuses = this.#statuses.get(operation) ?? new Set()
    this.#statuses.set(operation, statuses.add(status))
  }

  /** Runs what drives an operation. It succeeds, or fails exactly as the differences of this engine say. */
  async drive<T>(operation: string, run: () => PromiseLike<T> | T): Promise<T | undefined> {
    const expected = this.#differences.filter((it) => it.operation === operation && it.on(this.#profile))
    try {
      const result = await run()
      const due = expected.find(({ sometimes }) => sometimes !== true)
      assert.equal(due, undefined, `${operation} was expected to be refused: ${due?.reason}`)
      assert(this.#statuses.has(operation), `${operation} was not called`)
      this.#results.set(operation, 'ok')
      return result
    } catch (error) {
      const difference = isDockerError(error) ? expected.find((it) => matches(it, error)) : undefined
      if (difference === undefined) throw error
      this.#results.set(operation, difference.reason)
      return undefined
    }
  }

  /** Operations of the API that were not driven. */
  missing(): string[] {
    const all = JSON.parse(readFileSync('fixtures/api/operations.json', 'utf8')) as { id: string }[]
    return all.map(({ id }) => id).filter((id) => !this.#results.has(id))
  }

  toString(): string {
    const rows = [...this.#results].toSorted(([a], [b]) => a.localeCompare(b))
    const row = ([operation, result]: [string, string]): string =>
      `${operation.padEnd(26)} ${[...(this.#statuses.get(operation) ?? [])].join(' ').padEnd(9)} ${result}`
    return `${this.#profile.name}, API ${this.#profile.apiVersion}\n${rows.map(row).join('\n')}`
  }
}

function matches({ status, words }: Difference, error: DockerError): boolean {
  const same = typeof status === 'number' ? error.status === status : error.code === status
  return same && (words === undefined || words.test(error.words ?? error.message))
}
