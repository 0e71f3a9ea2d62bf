import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import type { Docker } from '../../../lib/engine/connect.ts'
import { changesRefusal } from '../../../lib/refresh/changes.ts'
import { see } from '../../../lib/refresh/container.ts'
import { importBusybox } from '../support/busybox.ts'
import { liveEngine, removeContainers } from '../support/engine.ts'

const PREFIX = 'changes-of-'
const IMAGE = 'dockline-changes-spec'

let docker: Docker

before(async () => {
  docker = await liveEngine()
  await removeContainers(docker, PREFIX)
  await importBusybox(docker, IMAGE)
})

after(async () => {
  await removeContainers(docker, PREFIX)
  await docker.images.remove(IMAGE, { force: true })
  await docker.close()
})

// By the container's own program: where an engine has a root of its own, what is run in it later may see another one.
async function changesAfter(
  name: string,
  script: string,
  running: boolean,
  WorkingDir = '',
): Promise<string | undefined> {
  const { Id } = await docker.containers.create(
    {
      Image: IMAGE,
      Cmd: ['sh', '-c', running ? `${script}; echo done; sleep 300` : script],
      WorkingDir,
      Volumes: { '/data/vol': {} },
      HostConfig: { Tmpfs: { '/var/tf': '' }, Init: true },
    },
    { name: PREFIX + name },
  )
  await docker.containers.start(Id)
  if (running) await said(Id, 'done')
  else await docker.containers.wait(Id)
  const seen = await see(docker, Id)
  assert.ok(seen)
  return changesRefusal(docker, seen)
}

async function said(id: string, word: string): Promise<void> {
  let text = ''
  for await (const { data } of docker.containers.logs(id, { stdout: true, stderr: true, follow: true })) {
    text += Buffer.from(data).toString()
    if (text.includes(word)) return
  }
  assert.fail(`it ended before it said ${word}: ${text}`)
}

for (const running of [false, true]) {
  const when = running ? 'runs' : 'has ended'

  test(`a container that ${when} and wrote to its mounts only has no changes, whatever its engine made`, async () => {
    const script = 'echo x > /data/vol/f; echo x > /var/tf/f; touch /tmp/t; rm /tmp/t'
    assert.equal(await changesAfter(`mounts-${running}`, script, running), undefined)
  })

  test(`the working directory that the engine made for one that ${when} is no change, what is written in it is`, async () => {
    assert.equal(await changesAfter(`made-${running}`, 'true', running, '/made/new'), undefined)
    const reason = await changesAfter(`made-and-written-${running}`, 'echo x > f', running, '/made/new')
    assert.match(reason ?? '', /^1 path .*\/made\/new\/f/)
  })

  test(`of one that ${when} what it added, modified and deleted is told`, async () => {
    const script = 'mkdir -p /opt/new; echo hi > /opt/new/f; echo y >> /etc/passwd; rm /bin/yes'
    const reason = await changesAfter(`written-${running}`, script, running)
    assert.match(reason ?? '', /^3 paths .* \(\/bin\/yes, \/etc\/passwd, \/opt\/new\/f\)/)
  })
}
