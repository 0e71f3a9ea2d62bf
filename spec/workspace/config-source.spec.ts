import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { checkConfigSource, findTemplate, hasConfigSource } from '../../lib/workspace/config-source.ts'
import { systemTemplates } from '../../lib/workspace/template.ts'
import { temporaryDirectory } from '../support/temporary.ts'

test('TestValidateConfigSource_ConfigFilesPresent: a config.yaml among the files is enough', async () => {
  assert.equal(await hasConfigSource({ files: { 'config.yaml': 'name: x' } }, systemTemplates), true)
  assert.equal(
    await hasConfigSource({ files: { 'config.yaml': { content: Buffer.from('x') } } }, systemTemplates),
    true,
  )
})

test('TestValidateConfigSource_ConfigFilesEmptyValue: an empty one is none', async () => {
  assert.equal(await hasConfigSource({ files: { 'config.yaml': '' } }, systemTemplates), false)
  assert.equal(await hasConfigSource({ files: { 'config.yaml': { content: '' } } }, systemTemplates), false)
})

test('TestValidateConfigSource_TemplatePathWithConfig: a template that has the file is enough', async () => {
  using dir = temporaryDirectory()
  writeFileSync(join(dir.path, 'config.yaml'), '')
  assert.equal(await hasConfigSource({ template: dir.path }, systemTemplates), true)
})

test('TestValidateConfigSource_TemplatePathMissingConfig: an empty template is none', async () => {
  using dir = temporaryDirectory()
  assert.equal(await hasConfigSource({ template: dir.path }, systemTemplates), false)
})

test('TestValidateConfigSource_BothEmpty: without either there is an error of its own', async () => {
  await assert.rejects(checkConfigSource({ id: 'a' }, systemTemplates), { code: 'NO_CONFIG_SOURCE' })
  await assert.rejects(checkConfigSource({ id: 'a', template: '', files: {} }, systemTemplates), {
    code: 'NO_CONFIG_SOURCE',
  })
})

test('TestValidateConfigSource_TemplateIsDirName: a directory called config.yaml is none', async () => {
  using dir = temporaryDirectory()
  mkdirSync(join(dir.path, 'config.yaml'))
  assert.equal(await hasConfigSource({ template: dir.path }, systemTemplates), false)
})

test("the fallback is the runtime's default template, then the one that is called like it", async () => {
  using dir = temporaryDirectory()
  for (const name of ['hermes', 'crewai', 'crewai-default']) {
    mkdirSync(join(dir.path, name))
    writeFileSync(join(dir.path, name, 'config.yaml'), 'x')
  }
  assert.equal(await findTemplate(dir.path, 'hermes', systemTemplates), join(dir.path, 'hermes'))
  assert.equal(await findTemplate(dir.path, 'crewai', systemTemplates), join(dir.path, 'crewai-default'))
  assert.equal(await findTemplate(dir.path, 'autogen', systemTemplates), undefined)
})
