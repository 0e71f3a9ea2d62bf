import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** An `ssh` on a PATH of its own that connects its standard streams to a unix socket. */
export interface FakeSsh extends AsyncDisposable {
  /** With the fake first on the PATH. */
  readonly env: Record<string, string>
  /** The arguments of each run, in order. */
  calls(): Promise<string[][]>
}

/** @param script a shell script run in place of the connection; default a connection to `socketPath` */
export async function fakeSsh(socketPath: string, script?: string): Promise<FakeSsh> {
  const dir = await mkdtemp(join(tmpdir(), 'dockline-ssh-'))
  const log = join(dir, 'calls')
  await writeFile(log, '')
  const dialStdio = join(dir, 'dial-stdio.mjs')
  await writeFile(dialStdio, DIAL_STDIO)
  const run = script ?? `exec "${process.execPath}" "${dialStdio}" "${socketPath}"`
  await writeFile(join(dir, 'ssh'), `#!/bin/sh\n(printf '%s\\036' "$@"; printf '\\n') >> "${log}"\n${run}\n`)
  await chmod(join(dir, 'ssh'), 0o755)
  return {
    env: { PATH: `${dir}${delimiter}${process.env['PATH'] ?? ''}` },
    calls: async () => {
      const rows = (await readFile(log, 'utf8')).split('\n').slice(0, -1)
      return rows.map((row) => row.split('\x1e').slice(0, -1))
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  }
}

// What `docker system dial-stdio` does: both ways, with half-closes.
const DIAL_STDIO = `
import { connect } from 'node:net'
const socket = connect({ path: process.argv[2], allowHalfOpen: true })
socket.on('error', (error) => { process.stderr.write('failed to open the raw stream connection: ' + error.message); process.exit(1) })
process.stdin.pipe(socket)
socket.pipe(process.stdout)
socket.on('close', () => process.exit(0))
`
