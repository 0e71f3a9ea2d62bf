import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Ajv2020 } from 'ajv/dist/2020.js'

import { Secret } from '../../lib/base/secret.ts'
import { RUNTIME_IMAGE } from '../support/refresh-world.ts'
import { REFRESH, serviceWorld, type ServiceWorld } from '../support/service.ts'

interface Document {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Record<string, object> }
}
interface Operation {
  readonly parameters?: readonly { name: string; in: string; schema: { enum?: string[] } }[]
  readonly responses: Record<string, { content?: Record<string, { schema: object }> }>
}

const documentOf = async ({ ask }: ServiceWorld): Promise<Document> =>
  (await (await ask('GET', '/openapi.json', { authorization: undefined })).json()) as Document

test('real answers of every kind are what the document says', async () => {
  const made = serviceWorld({
    hooks: { distribution: new Secret('hook-secret-0123456789') },
  })
  const { ask, world, service } = made
  service.looked(true)
  const document = await documentOf(made)
  const ajv = new Ajv2020({ strict: false })
  ajv.addSchema({ ...document, $id: 'document' })
  const checked: string[] = []
  const check = async (
    method: string,
    path: string,
    headers: Record<string, string | undefined> = {},
  ): Promise<void> => {
    const response = await ask(method, path, headers)
    const route = path.replace(/\?.*/, '').replace(/\/admin\/jobs\/.+/, '/admin/jobs/{id}')
    const described = document.paths[route]?.[method.toLowerCase()]?.responses[response.status]
    assert.ok(described !== undefined, `${method} ${route} ${response.status} is not described`)
    const schema = described.content?.['application/json']?.schema
    assert.ok(schema !== undefined)
    const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')) as object)
    const body: unknown = await response.json()
    assert.ok(validate(body), `${route} ${response.status}: ${JSON.stringify(validate.errors)} ${JSON.stringify(body)}`)
    checked.push(`${method} ${route} ${response.status}`)
  }
  await check('GET', '/admin/overview')
  await check('POST', `${REFRESH}?dryRun=true`)
  await check('POST', REFRESH)
  await check('POST', `${REFRESH}?runtime=hermes`)
  await check('POST', `${REFRESH}?runtime=hermes&dryRun=true`)
  await check('POST', `${REFRESH}?runtime=x`)
  await check('POST', REFRESH, { authorization: undefined })
  await check('POST', REFRESH, { host: 'evil.example' })
  await check('POST', REFRESH, { origin: 'http://evil.example' })
  world.registry.delete(RUNTIME_IMAGE('hermes'))
  await check('POST', REFRESH)
  await check('POST', `${REFRESH}?runtime=hermes`)
  await check('GET', '/admin/overview')
  world.listFails = true
  await check('POST', REFRESH)
  await check('GET', '/admin/overview')
  world.away = true
  await check('POST', REFRESH)
  await check('GET', '/admin/overview')
  const last = await ask('POST', REFRESH)
  await check('GET', `/admin/jobs/${last.headers.get('dockline-job')}`)
  await check('GET', '/admin/jobs')
  await check('GET', '/admin/jobs/none')
  const statuses = checked.map((line) => line.split(' ')[2])
  assert.deepEqual(new Set(statuses), new Set(['200', '207', '400', '401', '403', '404', '421', '500', '502', '503']))
})

test('the parameters of the document are those that are read', async () => {
  const { paths, openapi } = await documentOf(serviceWorld())
  assert.equal(openapi, '3.1.0')
  const parameters = paths[REFRESH]?.['post']?.parameters ?? []
  assert.deepEqual(
    parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name),
    ['runtime', 'pull', 'recreate', 'dryRun', 'strategy', 'retry', 'wait', 'join'],
  )
  assert.deepEqual(parameters.find(({ name }) => name === 'join')?.schema.enum, ['true', 'false'])
})

test('every path of the document is there, and answers only its methods', async () => {
  const secret = new Secret('hook-secret-0123456789')
  const made = serviceWorld({ hooks: { ghcr: secret, dockerhub: secret, distribution: secret } })
  const { paths } = await documentOf(made)
  for (const [path, methods] of Object.entries(paths)) {
    const response = await made.ask('PUT', path.replace('{id}', 'x').replace('{secret}', 'x'))
    assert.equal(response.status, 405, path)
    assert.equal(response.headers.get('allow')?.split(',')[0]?.toLowerCase(), Object.keys(methods)[0], path)
  }
})
