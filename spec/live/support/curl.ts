import assert from 'node:assert/strict'
import { execFile as callback } from 'node:child_process'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'

import type { RefreshReport } from '../../../lib/refresh/report.ts'
import type { Failure } from '../../../lib/server/index.ts'
import type { LiveService } from './service.ts'

const execFile = promisify(callback)

export interface Curled {
  readonly status: number
  readonly body: RefreshReport & Failure
}

/** A refresh as a pipeline asks for it, by curl, told in the report. The three lists are there whatever became of it. */
export async function curlRefresh(
  t: TestContext,
  { address }: LiveService,
  { query, token }: { readonly query: string; readonly token: string },
): Promise<Curled> {
  const url = `http://${address}/admin/workspace-images/refresh${query}`
  const call = ['--request', 'POST', '--header', `Authorization: Bearer ${token}`, url]
  const { stdout } = await execFile('curl', ['--silent', '--show-error', '--write-out', '%{http_code}', ...call])
  const [, text = '', code = ''] = /^(.*)\n(\d+)$/s.exec(stdout) ?? []
  const body = JSON.parse(text) as RefreshReport & Failure
  const lists = [body.pulled, body.failed, body.recreated]
  const isReport = /^(?:200|207|502)$/.test(code)
  if (isReport) assert.ok(lists.every(Array.isArray), text)
  t.diagnostic(`curl ${query || '(no query)'}: ${code} ${isReport ? JSON.stringify(lists) : (body.error ?? '')}`)
  return { status: Number(code), body }
}
