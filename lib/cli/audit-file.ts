import { open } from 'node:fs/promises'

import type { Audit } from '../server/audit.ts'

/** Appends each entry as one line, which is on the disk before the call goes on. Readable by its owner only. */
export function auditFile(path: string): Audit {
  return async (entry) => {
    await using file = await open(path, 'a', 0o600)
    await file.appendFile(`${JSON.stringify(entry)}\n`)
    await file.datasync()
  }
}
