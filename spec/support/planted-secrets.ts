import { loadExchanges } from '../../lib/testing/exchange-file.ts'
import type { Docker } from '../../lib/engine/connect.ts'
import { spellings } from '../../lib/base/redact.ts'

/** The 30 secrets of a session; each stands in one place only, where only its name, place or form gives it away. */
export const PLANTED: readonly string[] = Array.from({ length: 30 }, (_, i) => `hush${i}wJ4${(i * 7919) % 1000}q`)

const [
  dbPwd,
  auth,
  pat,
  awsKey,
  dsnUser,
  dsnPassword,
  rawDsn,
  goDsn,
  option,
  optionEquals,
  glued,
  apiKey,
  loginOption,
  redis,
  curl,
  inQuotes,
  member,
  nested,
  yaml,
  yamlQuoted,
  outputName,
  bearer,
  apiHeader,
  driverOption,
  network,
  registry,
  health,
  bySql,
  ownName,
  ownForm,
] = PLANTED as [string, ...string[]] & readonly string[]

/** What the recording is to be told of: a name, and a form. */
export const PLANTED_MASK: readonly (string | RegExp)[] = ['ACME_LICENSE', /acme-([a-z0-9]+)/i]

/** Says each of the secrets to the engine, or has a container say it. `image` has /bin/busybox. */
export async function plantSecrets(docker: Docker, image: string, name: string): Promise<void> {
  const sh = (script: string): string[] => ['/bin/busybox', 'sh', '-c', script]
  await docker.volumes.create({
    Name: `${name}-data`,
    Driver: 'local',
    Labels: { 'acme.vault.password': driverOption as string },
  })
  await docker.networks.create({ Name: `${name}-net`, Labels: { 'acme.wifi.passphrase': network as string } })
  await docker.images
    .pull(`127.0.0.1:1/${name}:none`, { auth: { username: 'me', password: registry as string } })
    .catch(() => {})
  const { Id } = await docker.containers.create(
    {
      Image: image,
      Cmd: sh(
        `echo "user: me"; echo "token: ${yaml}"; echo "api_key: '${yamlQuoted}'"; echo "SESSION_TOKEN=${outputName} ready"`,
      ),
      Env: [
        `DB_PWD=${dbPwd}`,
        `AUTH=${auth}`,
        `AZURE_DEVOPS_EXT_PAT=${pat}`,
        `AWS_SECRET_ACCESS_KEY=${awsKey}`,
        `SENTRY=https://${dsnUser}@sentry.example/1`,
        `DATABASE_URL=postgres://app:${dsnPassword}@db/app`,
        `QUEUE=amqp://app:${rawDsn}/x@queue`,
        `SOURCE=app:${goDsn}@tcp(db:3306)/app`,
        `ACME_LICENSE=${ownName}`,
        `NOTE=uses acme-${ownForm} today`,
        `CONF={"password":"${nested}"}`,
      ],
      Labels: { 'traefik.auth': member as string },
      Healthcheck: { Test: ['CMD', 'mysqladmin', `-p${health}`, 'ping'] },
    },
    { name },
  )
  await docker.containers.start(Id)
  await docker.containers.wait(Id)
  for await (const _ of docker.containers.logs(Id, { stdout: true, stderr: true })) {
    // said
  }
  await docker.containers.remove(Id)
  const other = await docker.containers.create({ Image: image, Cmd: sh('sleep 60') }, { name: `${name}-2` })
  await docker.containers.start(other.Id)
  for (const Cmd of [
    ['mysql', '--password', option as string],
    ['mysql', `--password=${optionEquals}`],
    sh(`mysqldump -p${glued} app`),
    ['client', `--api-key=${apiKey}`],
    ['docker', 'login', '-u', 'me', '-p', loginOption as string],
    sh(`redis-cli -a ${redis} ping`),
    ['curl', '-u', `me:${curl}`, 'http://h/'],
    sh(`DEPLOY_TOKEN="${inQuotes} spare" run`),
    ['curl', '-H', `Authorization: Bearer ${bearer}`, 'http://h/'],
    sh(`curl -H "X-Api-Key: ${apiHeader}" http://h/`),
    ['mysql', '-e', `ALTER USER me IDENTIFIED BY '${bySql}'`],
  ])
    await docker.exec.run(other.Id, { Cmd }).catch(() => {})
  await docker.containers.remove(other.Id, { force: true })
  await docker.networks.remove(`${name}-net`)
  await docker.volumes.remove(`${name}-data`)
}

/** Which of the planted secrets a recording holds, in any spelling, in its text or in its bytes. */
export async function plantedIn(file: string): Promise<string[]> {
  const exchanges = await loadExchanges(file)
  const bytes = exchanges.flatMap(({ response, upgrade }) => [
    response.chunks,
    ...(['client', 'engine'] as const).map((side) =>
      (upgrade ?? []).flatMap(({ from, data }) => (from === side && data !== null ? [data] : [])),
    ),
  ])
  const decoded = bytes.map((chunks) =>
    Buffer.concat(chunks.map((chunk) => Buffer.from(chunk, 'base64'))).toString('latin1'),
  )
  const text = [
    JSON.stringify(exchanges, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
    ...decoded,
  ].join('\n')
  return PLANTED.filter((secret) => spellings(secret).some((spelling) => text.includes(spelling)))
}
