import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access, open, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

import type { Clock, Files, Log, Random } from './ports.ts'

// Above this a timer fires at once instead of late (Node.js timers).
const MAX_DELAY = 2 ** 31 - 1

/** The machine's own clock. It sleeps for 24 days at most. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    signal?.throwIfAborted()
    try {
      await delay(Math.min(ms, MAX_DELAY), undefined, signal === undefined ? {} : { signal })
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  },
}

/** Randomness of the operating system. */
export const systemRandom: Random = {
  id: (bytes = 8) => randomBytes(bytes).toString('hex'),
  fraction: () => Math.random(),
}

/** The machine's own files. */
export const systemFiles: Files = { readText, mode, probe }

/** Drops every line. */
export const silentLog: Log = { info: () => {}, warn: () => {} }

// Opened without blocking and then looked at: a FIFO in the place of a file must not hang the process.
async function readText(path: string, maxBytes = 1 << 20): Promise<string | undefined> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    if (!(await file.stat()).isFile()) throw new Error(`${path} is not a regular file`)
    // Read to its end whatever size is told: files of /proc tell none.
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of file.createReadStream({ end: maxBytes, autoClose: false })) {
      chunks.push(chunk as Buffer)
      size += (chunk as Buffer).length
    }
    if (size > maxBytes) throw new Error(`${path} is larger than ${maxBytes} bytes`)
    return Buffer.concat(chunks).toString('utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function mode(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o7777
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function probe(path: string): ReturnType<Files['probe']> {
  try {
    const stats = await stat(path)
    await access(path, constants.R_OK | constants.W_OK)
    if (stats.isSocket()) return 'socket'
    if (stats.isFile()) return 'file'
    return stats.isDirectory() ? 'directory' : 'other'
  } catch (error) {
    return isMissing(error) ? 'absent' : 'denied'
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ENOENT' || code === 'ENOTDIR'
}
