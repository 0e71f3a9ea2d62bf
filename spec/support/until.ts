import { setTimeout as delay } from 'node:timers/promises'

/** Waits until `holds` holds; fails after some seconds, saying what it waited for. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (holds()) return
    await delay(5)
  }
  throw new Error(`waited in vain until ${what}`)
}
