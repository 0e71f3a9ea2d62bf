import assert from 'node:assert/strict'
import { test } from 'node:test'

import { isNotFound } from '../../lib/base/errors.ts'
import { connect } from '../../lib/engine/connect.ts'
import { modelEngine } from '../../lib/testing/index.ts'

// dockerd 20.10 to 28.5 take all of these; podman takes none.
for (const name of ['a b', ' a', 'a/b', 'a/', 'ü', 'a?b', 'a%41', '%', 'a#b', 'a\\b', '...']) {
  test(`a network called ${JSON.stringify(name)} is inspected and removed by its name`, async () => {
    const engine = modelEngine({})
    await using docker = await connect({ host: 'unix:///model', transport: () => engine.transport() })
    await docker.networks.create({ Name: name })
    assert.equal((await docker.networks.inspect(name)).Name, name)
    await docker.networks.remove(name)
    await assert.rejects(docker.networks.inspect(name), isNotFound)
  })
}
