import { execFileSync } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'

import type { Docker } from '../../../lib/engine/connect.ts'
import type { TarInput } from '../../../lib/engine/tar.ts'

// What the specs run inside of their containers; busybox looks at the name that it is called by.
const APPLETS = 'sh cat echo sleep ls seq head tail yes true false wc touch mkdir dd stty rm env kill ps stat'.split(
  ' ',
)

/** A root file system of one static busybox: what an image is made from where no registry is. */
export function busyboxFiles(): TarInput[] {
  const path = realpathSync(execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim())
  return [
    { name: 'bin/' },
    { name: 'bin/busybox', content: readFileSync(path), mode: 0o755 },
    ...APPLETS.map((applet) => ({ name: `bin/${applet}`, target: 'busybox' })),
    { name: 'tmp/', mode: 0o777 },
    { name: 'etc/' },
    { name: 'etc/passwd', content: 'root:x:0:0:root:/:/bin/sh\n' },
  ]
}

/** Imports the image and names it by tag, which podman 4 drops at an import. Returns its id. */
export async function importBusybox(docker: Docker, name: string): Promise<string> {
  const changes = ['CMD ["sh"]', 'ENV PATH=/bin', 'LABEL made=by-a-spec']
  const { id } = await docker.images.import(busyboxFiles(), { repo: name, tag: 'latest', changes })
  await docker.images.tag(id, { repo: name, tag: 'latest' })
  return id
}
