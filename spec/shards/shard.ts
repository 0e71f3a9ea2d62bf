import { describe } from 'node:test'
import { pathToFileURL } from 'node:url'

/**
 * Runs a share of the spec files in one process, each in a suite of its own, so that its hooks are its own too. A process
 * for each of many small files would spend most of its time on starting.
 */
export function runShard(shard: number, shards: number): void {
  const files = JSON.parse(process.env['SPEC_FILES'] ?? '[]') as string[]
  for (const [i, file] of files.entries()) {
    if (i % shards !== shard) continue
    describe(file, async () => {
      await import(pathToFileURL(file).href)
    })
  }
}
