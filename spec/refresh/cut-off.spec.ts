import assert from 'node:assert/strict'
import { test } from 'node:test'

import { cutOffAdvice, findCutOff } from '../../lib/refresh/cut-off.ts'
import { APP, setStage } from '../support/stage.ts'

test('a container that runs without the network of its mode is found, whoever started it', async () => {
  const stage = await setStage({
    profile: '29',
    containers: [
      { name: 'lost', Image: APP },
      { name: 'well', Image: APP },
      { name: 'alone', Image: APP, HostConfig: { NetworkMode: 'none' } },
      { name: 'shares', Image: APP, HostConfig: { NetworkMode: 'container:well' } },
      { name: 'stopped', Image: APP, running: false },
    ],
  })
  for (const name of ['lost', 'stopped']) await stage.docker.networks.disconnect('bridge', { Container: name })
  const found = await findCutOff(stage.docker)
  assert.deepEqual(
    found.map(({ name, network }) => [name, network]),
    [['lost', 'bridge']],
  )
})

test('the advice has the commands that mend it', () => {
  const advice = cutOffAdvice({ name: 'web', id: 'x', network: 'front' })
  assert.match(advice, /docker stop web; docker network connect front web; docker start web/)
})
