import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { JsonObject, JsonValue } from '../../../lib/base/json.ts'
import { ID, SHORT_ID, json, member, planOf, type Overlay, type PlanOptions } from '../../support/container.ts'

// The numbers are those of the list of pitfalls between inspect and create.

/** Members of the planned config, for a container with this config. */
const config = (own: Overlay, options: PlanOptions & { HostConfig?: Overlay } = {}) =>
  planOf({ Config: own, ...(options.HostConfig === undefined ? {} : { HostConfig: options.HostConfig }) }, options)

test("2 an entry of Env is inherited only when key and value are the old image's", () => {
  const plan = config({ Env: ['TEMPLATE_VERSION=mine', 'OWN=1', 'PATH=/bin', 'ONLY_IN_V1=1'] })
  assert.deepEqual(member(plan, 'Env'), ['TEMPLATE_VERSION=mine', 'OWN=1'])
  assert.ok(plan.notes.inherited.includes('Config.Env'))
})

test('2 an entry of Env that equals the image’s and stands before it was asked for, and stays', () => {
  const plan = config({ Env: ['ONLY_IN_V1=1', 'OWN=1', 'PATH=/bin', 'TEMPLATE_VERSION=v1'] })
  assert.deepEqual(member(plan, 'Env'), ['ONLY_IN_V1=1', 'OWN=1'])
})

test('2 an entry of Env whose place does not tell that it was asked for is inherited', () => {
  const plan = config({ Env: ['PATH=/bin', 'TEMPLATE_VERSION=v1', 'ONLY_IN_V1=1'] })
  assert.deepEqual(member(plan, 'Env'), [])
})

test('2 an Env in an order that no engine makes keeps what the image has not', () => {
  const plan = config({ Env: ['TEMPLATE_VERSION=v1', 'PATH=/bin', 'OWN=1'] })
  assert.deepEqual(member(plan, 'Env'), ['OWN=1'])
})

test('2 entries of Env without "=", empty, of several lines or with "=" in the value are the user\'s as they stand', () => {
  const own = ['BARE', 'EMPTY=', 'LINES=a\nb', 'EQUATION=a=b=c', 'UMLAUT=ü', 'LONE=\ud800']
  assert.deepEqual(member(config({ Env: own }), 'Env'), own)
})

test('2 an absent or null Env is none', () => {
  assert.deepEqual(member(config({ Env: null }), 'Env'), [])
  assert.deepEqual(member(config({ Env: undefined }), 'Env'), [])
})

test("2 a label is inherited only when key and value are the old image's", () => {
  const plan = config({ Labels: { 'org.opencontainers.image.version': 'mine', 'lab.only-in-v1': 'yes', own: '' } })
  assert.deepEqual(member(plan, 'Labels'), { 'org.opencontainers.image.version': 'mine', own: '' })
})

test('2 labels called __proto__, constructor, toString and "" are labels like any other', () => {
  const labels = json('{"__proto__":"a","constructor":"b","":"c","toString":"d"}')
  const kept = member(config({ Labels: labels }), 'Labels') as object
  assert.deepEqual(Object.entries(kept), [
    ['__proto__', 'a'],
    ['constructor', 'b'],
    ['', 'c'],
    ['toString', 'd'],
  ])
})

test('2 a label __proto__ of the old image is inherited, and one with another value is not', () => {
  const options = { oldImage: { Labels: json('{"__proto__":"image"}') } }
  assert.deepEqual(
    Object.keys(member(config({ Labels: json('{"__proto__":"image"}') }, options), 'Labels') as object),
    [],
  )
  assert.deepEqual(
    Object.entries(member(config({ Labels: json('{"__proto__":"own"}') }, options), 'Labels') as object),
    [['__proto__', 'own']],
  )
})

test('2 the marks of an earlier replacement are history and are not carried', () => {
  const labels = { 'dockline.op': 'x', 'dockline.replaces': 'y', 'dockline.lease': '9', 'dockline.mine': 'kept' }
  assert.deepEqual(member(config({ Labels: labels }), 'Labels'), { 'dockline.mine': 'kept' })
})

const ENTRYPOINT_AND_CMD: readonly (readonly [
  title: string,
  image: { Entrypoint?: JsonValue; Cmd?: JsonValue },
  container: { Entrypoint?: JsonValue; Cmd?: JsonValue },
  planned: { Entrypoint?: JsonValue; Cmd?: JsonValue },
])[] = [
  ["both the image's: both inherited", { Entrypoint: ['e'], Cmd: ['c'] }, { Entrypoint: ['e'], Cmd: ['c'] }, {}],
  [
    'Cmd differs: kept, Entrypoint inherited',
    { Entrypoint: ['e'], Cmd: ['c'] },
    { Entrypoint: ['e'], Cmd: ['x'] },
    { Cmd: ['x'] },
  ],
  [
    'Entrypoint restated, which silences Cmd: kept',
    { Entrypoint: ['e'], Cmd: ['c'] },
    { Entrypoint: ['e'], Cmd: null },
    { Entrypoint: ['e'], Cmd: null },
  ],
  [
    'Entrypoint differs: both kept',
    { Entrypoint: ['e'], Cmd: ['c'] },
    { Entrypoint: ['x'], Cmd: ['y'] },
    { Entrypoint: ['x'], Cmd: ['y'] },
  ],
  [
    "Entrypoint differs: Cmd kept even when it is the image's",
    { Entrypoint: ['e'], Cmd: ['c'] },
    { Entrypoint: ['x'], Cmd: ['c'] },
    { Entrypoint: ['x'], Cmd: ['c'] },
  ],
  [
    'Entrypoint differs and there is no Cmd',
    { Entrypoint: ['e'], Cmd: ['c'] },
    { Entrypoint: ['x'], Cmd: null },
    { Entrypoint: ['x'], Cmd: null },
  ],
  ['the image has only a Cmd: inherited', { Cmd: ['c'] }, { Entrypoint: null, Cmd: ['c'] }, {}],
  ['the image has only a Cmd: another is kept', { Cmd: ['c'] }, { Entrypoint: null, Cmd: ['x'] }, { Cmd: ['x'] }],
  [
    'the image has only a Cmd: an own Entrypoint is kept',
    { Cmd: ['c'] },
    { Entrypoint: ['x'], Cmd: null },
    { Entrypoint: ['x'], Cmd: null },
  ],
  ['the image has only an Entrypoint: inherited', { Entrypoint: ['e'] }, { Entrypoint: ['e'], Cmd: null }, {}],
  [
    'the image has only an Entrypoint: an own Cmd is kept',
    { Entrypoint: ['e'] },
    { Entrypoint: ['e'], Cmd: ['x'] },
    { Cmd: ['x'] },
  ],
  ['the image has neither: an own Cmd is kept', {}, { Entrypoint: null, Cmd: ['x'] }, { Cmd: ['x'] }],
  ['podman shows [] for none: inherited like none', { Cmd: ['c'] }, { Entrypoint: [], Cmd: ['c'] }, {}],
  [
    'order counts',
    { Entrypoint: ['a', 'b'], Cmd: ['c'] },
    { Entrypoint: ['b', 'a'], Cmd: ['c'] },
    { Entrypoint: ['b', 'a'], Cmd: ['c'] },
  ],
  [
    'switched off by "", which an engine shows as null: sent as [""], for null would be the new image\'s',
    { Entrypoint: ['e'], Cmd: ['c'] },
    { Entrypoint: null, Cmd: ['x'] },
    { Entrypoint: [''], Cmd: ['x'] },
  ],
  [
    'switched off by "" with a Cmd that is the image\'s: kept, for "" silences it',
    { Entrypoint: ['e'], Cmd: ['c'] },
    { Entrypoint: null, Cmd: ['c'] },
    { Entrypoint: [''], Cmd: ['c'] },
  ],
  [
    "switched off by []: sent as [], and the image's Cmd is inherited all the same",
    { Entrypoint: ['e'], Cmd: ['c'] },
    { Entrypoint: [], Cmd: ['c'] },
    { Entrypoint: [] },
  ],
  [
    'switched off by [] with an own Cmd: both kept',
    { Entrypoint: ['e'], Cmd: ['c'] },
    { Entrypoint: [], Cmd: ['x'] },
    { Entrypoint: [], Cmd: ['x'] },
  ],
  [
    'switched off by "" as podman shows it: sent as [""]',
    { Entrypoint: ['e'], Cmd: ['c'] },
    { Entrypoint: [''], Cmd: ['x'] },
    { Entrypoint: [''], Cmd: ['x'] },
  ],
]

for (const [title, oldImage, container, planned] of ENTRYPOINT_AND_CMD) {
  test(`3 Entrypoint and Cmd: ${title}`, () => {
    const { body } = config(container, { oldImage: { Entrypoint: undefined, Cmd: undefined, ...oldImage } })
    const pair = Object.fromEntries(
      (['Entrypoint', 'Cmd'] as const).flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]]])),
    )
    assert.deepEqual(pair, planned)
  })
}

test('4 ports and volumes that the old image brought go, those of the user stay', () => {
  const plan = config(
    { ExposedPorts: { '80/tcp': {}, '9/udp': {} }, Volumes: { '/image': {}, '/own': {} } },
    { oldImage: { ExposedPorts: { '80/tcp': {} }, Volumes: { '/image': {} } } },
  )
  assert.deepEqual(member(plan, 'ExposedPorts'), { '9/udp': {} })
  assert.deepEqual(member(plan, 'Volumes'), { '/own': {} })
})

test("4 when nothing of ports and volumes is the user's the members are left out", () => {
  const same = { ExposedPorts: { '80/tcp': {} }, Volumes: { '/image': {} } }
  const { body } = config(same, { oldImage: same })
  assert.ok(!Object.hasOwn(body, 'ExposedPorts') && !Object.hasOwn(body, 'Volumes'))
})

test('4 a port of the old image that the user published stays exposed', () => {
  const plan = config(
    { ExposedPorts: { '80/tcp': {} } },
    {
      oldImage: { ExposedPorts: { '80/tcp': {} } },
      HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] } },
    },
  )
  assert.deepEqual(member(plan, 'ExposedPorts'), { '80/tcp': {} })
})

const CHECK = { Test: ['CMD', 'ok'], Interval: 1e9, Timeout: 2e9, StartPeriod: 3e9, StartInterval: 4e9, Retries: 5 }

test("5 a health check that is the old image's in every field is inherited", () => {
  assert.ok(!Object.hasOwn(config({ Healthcheck: CHECK }, { oldImage: { Healthcheck: CHECK } }).body, 'Healthcheck'))
})

for (const [field, own] of Object.entries({
  Test: ['CMD', 'own'],
  Interval: 9e9,
  Timeout: 9e9,
  StartPeriod: 9e9,
  StartInterval: 9e9,
  Retries: 9,
})) {
  test(`5 of a health check only ${field} is kept when only that is the user's`, () => {
    const plan = config({ Healthcheck: { ...CHECK, [field]: own } }, { oldImage: { Healthcheck: CHECK } })
    assert.deepEqual(member(plan, 'Healthcheck'), { [field]: own })
  })
}

test('5 a health check of the user on an image without one is kept whole, but for what is zero', () => {
  const plan = config({ Healthcheck: { ...CHECK, StartInterval: 0, Interval: 0 } })
  const { StartInterval: _, Interval: __, ...kept } = CHECK
  assert.deepEqual(member(plan, 'Healthcheck'), kept)
})

test('5 a health check that was switched off stays off', () => {
  const plan = config({ Healthcheck: { Test: ['NONE'] } }, { oldImage: { Healthcheck: CHECK } })
  assert.deepEqual(member(plan, 'Healthcheck'), { Test: ['NONE'] })
})

// podman merges nothing: the check of a request takes the place of the image's, and what it leaves out is podman's default.
const FILLED = { Test: ['CMD', 'ok'], Interval: 30e9, Timeout: 30e9, Retries: 3 }
const podmanCheck = (Healthcheck: JsonObject, image: JsonObject): JsonValue | undefined =>
  member(
    planOf({ Config: { Healthcheck } }, { recording: 'podman-5.8', oldImage: { Healthcheck: image } }),
    'Healthcheck',
  )

test("5 with podman a health check is the old image's when it is that with the defaults of podman", () => {
  assert.equal(podmanCheck(FILLED, { Test: ['CMD', 'ok'] }), undefined)
  assert.equal(podmanCheck({ Test: ['CMD', 'ok'], Interval: 30e9, Timeout: 30e9 }, { Test: ['CMD', 'ok'] }), undefined) // podman 4
})

test("5 with podman a health check of the user is sent whole, also where a field of it is the old image's", () => {
  const own = { ...FILLED, Test: ['CMD', 'own'], Interval: 1e9 }
  assert.deepEqual(podmanCheck(own, { Test: ['CMD', 'ok'], Interval: 1e9 }), own)
  assert.deepEqual(podmanCheck({ ...FILLED, Retries: 9 }, { Test: ['CMD', 'ok'] }), { ...FILLED, Retries: 9 })
})

test("6 User, WorkingDir and StopSignal are inherited when they are the old image's or empty, else kept", () => {
  const oldImage = { User: 'app', WorkingDir: '/app', StopSignal: 'SIGINT' }
  const inherited = config(oldImage, { oldImage }).body
  const empty = config({ User: '', WorkingDir: '', StopSignal: '' }, { oldImage }).body
  for (const name of ['User', 'WorkingDir', 'StopSignal'])
    assert.deepEqual([Object.hasOwn(inherited, name), Object.hasOwn(empty, name)], [false, false], name)
  const own = { User: '1000:1000', WorkingDir: '/own', StopSignal: 'SIGUSR1' }
  const kept = config(own, { oldImage }).body
  assert.deepEqual({ User: kept['User'], WorkingDir: kept['WorkingDir'], StopSignal: kept['StopSignal'] }, own)
})

test('6 StopTimeout is kept, 0 and -1 too; so is Shell, which no engine inherits from an image; OnBuild goes', () => {
  for (const StopTimeout of [0, -1, 33]) assert.equal(member(config({ StopTimeout }), 'StopTimeout'), StopTimeout)
  const oldImage = { Shell: ['/bin/sh', '-c'] }
  assert.deepEqual(member(config({ Shell: ['/bin/sh', '-c'] }, { oldImage }), 'Shell'), ['/bin/sh', '-c'])
  assert.deepEqual(member(config({ Shell: ['/bin/ash', '-c'] }, { oldImage }), 'Shell'), ['/bin/ash', '-c'])
  assert.ok(!Object.hasOwn(config({ OnBuild: ['RUN x'] }).body, 'OnBuild'))
})

test('7 on the side of the image absent, null and empty are one', () => {
  for (const nothing of [undefined, null, []])
    assert.ok(
      !Object.hasOwn(
        config({ Entrypoint: null, Shell: null }, { oldImage: { Entrypoint: nothing, Shell: nothing } }).body,
        'Entrypoint',
      ),
    )
  for (const nothing of [undefined, null, {}])
    assert.deepEqual(member(config({ Volumes: { '/own': {} } }, { oldImage: { Volumes: nothing } }), 'Volumes'), {
      '/own': {},
    })
  for (const nothing of [undefined, null])
    assert.deepEqual(
      member(config({ Healthcheck: { Test: ['CMD', 'x'] } }, { oldImage: { Healthcheck: nothing } }), 'Healthcheck'),
      { Test: ['CMD', 'x'] },
    )
})

test('8 a hostname that was generated from the id goes, one of the user stays, with its domain', () => {
  const generated = config({ Hostname: SHORT_ID })
  assert.ok(!Object.hasOwn(generated.body, 'Hostname'))
  assert.deepEqual(generated.notes.changed, ['Config.Hostname: generated from the container id'])
  const own = config({ Hostname: 'web', Domainname: 'example.org' }).body
  assert.deepEqual([own['Hostname'], own['Domainname']], ['web', 'example.org'])
})

test("8 a hostname of twelve hex digits that are not the own id's is the user's", () => {
  assert.equal(member(config({ Hostname: 'deadbeef0000' }), 'Hostname'), 'deadbeef0000')
})

test('8 a hostname that belongs to another container or to the machine is not sent: the engine refuses it', () => {
  for (const HostConfig of [{ NetworkMode: `container:${ID}` }, { UTSMode: 'host' }]) {
    const { body } = config({ Hostname: 'web', Domainname: 'example.org' }, { HostConfig })
    assert.ok(!Object.hasOwn(body, 'Hostname') && !Object.hasOwn(body, 'Domainname'), JSON.stringify(HostConfig))
  }
})

test('10 the terminal settings are kept', () => {
  const own = { Tty: true, OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true, AttachStderr: true }
  const { body } = config(own)
  for (const [name, value] of Object.entries(own)) assert.equal(body[name], value, name)
})

test('22 a member that nobody knows yet is passed on as it came', () => {
  const own = json('{"FutureThing":{"Deep":[null,{"a":18446744073709551615}]},"FutureNull":null,"FutureEmpty":[]}')
  const { body } = config(own)
  assert.deepEqual([body['FutureThing'], body['FutureNull'], body['FutureEmpty']], Object.values(own))
})

test("32 of compose's labels the image follows, the replaced container goes, the rest stays", () => {
  const plan = config({
    Labels: {
      'com.docker.compose.project': 'p',
      'com.docker.compose.service': 's',
      'com.docker.compose.config-hash': 'h',
      'com.docker.compose.container-number': '1',
      'com.docker.compose.image': 'sha256:old',
      'com.docker.compose.replace': 'x',
    },
  })
  assert.deepEqual(member(plan, 'Labels'), {
    'com.docker.compose.project': 'p',
    'com.docker.compose.service': 's',
    'com.docker.compose.config-hash': 'h',
    'com.docker.compose.container-number': '1',
    'com.docker.compose.image': 'sha256:new',
  })
  assert.equal(plan.notes.changed.filter((note) => note.includes('compose')).length, 1)
})

test('32 what compose 1 has hashed with the id of the image is told of, for its next "up" re-creates the container', () => {
  const told = (version: string): boolean => {
    const Labels = { 'com.docker.compose.version': version, 'com.docker.compose.config-hash': 'h' }
    return config({ Labels }).warnings.some((warning) => warning.startsWith(`compose ${version} made it`))
  }
  assert.deepEqual([told('1.29.2'), told('2.26.1'), told('11.0')], [true, false, false])
})

test('32 a container that compose did not make gets no label of it', () => {
  assert.deepEqual(member(config({ Labels: { own: 'x' } }), 'Labels'), { own: 'x' })
})

test("8 on the network of the machine a hostname is kept: it is the user's, or the one the container had all along", () => {
  const { body } = config({ Hostname: 'mine', Domainname: 'example.org' }, { HostConfig: { NetworkMode: 'host' } })
  assert.deepEqual([body['Hostname'], body['Domainname']], ['mine', 'example.org'])
})

test('6 of an untouched podman container the working directory and the stop signal come from the new image', () => {
  const { body } = planOf({}, { recording: 'podman-5.8' })
  assert.ok(!Object.hasOwn(body, 'WorkingDir') && !Object.hasOwn(body, 'StopSignal'))
})

test('6 a stop signal that podman shows by its number is compared by it', () => {
  for (const [image, container, inherited] of [
    ['SIGINT', '2', true],
    ['int', '2', true],
    ['3', '3', true],
    ['SIGRTMIN+3', '37', true],
    [undefined, '15', true],
    [undefined, '9', false],
    ['SIGINT', '15', false],
  ] as const) {
    const options: PlanOptions = { recording: 'podman-5.8', oldImage: { StopSignal: image } }
    const { body } = planOf({ Config: { StopSignal: container } }, options)
    assert.equal(Object.hasOwn(body, 'StopSignal'), !inherited, `${image} ${container}`)
  }
})

test('6 docker shows a stop signal as it was set: a number is the user’s', () => {
  assert.equal(config({ StopSignal: '2' }, { oldImage: { StopSignal: 'SIGINT' } }).body['StopSignal'], '2')
})

test('6 docker shows no default: SIGTERM and "/" on an image without are what the user asked for', () => {
  const { body } = config({ StopSignal: 'SIGTERM', WorkingDir: '/' })
  assert.deepEqual([body['StopSignal'], body['WorkingDir']], ['SIGTERM', '/'])
})

const directory = (oldImage: Overlay) => member(planOf({}, { recording: 'podman-5.8', oldImage }), 'WorkingDir')

test('6 with podman "/" is what an image without directory means, on one with another it is of the user', () => {
  assert.deepEqual(
    [directory({}), directory({ WorkingDir: '/' }), directory({ WorkingDir: '/app' })],
    [undefined, undefined, '/'],
  )
})

test('2 the HOSTNAME that podman puts into Env follows the generated hostname', () => {
  const { body } = planOf({}, { recording: 'podman-5.8' })
  assert.deepEqual(body['Env'], ['container=podman', 'HOME='])
  assert.deepEqual(member(config({ Hostname: 'web', Env: ['HOSTNAME=web'] }), 'Env'), ['HOSTNAME=web'])
})
