// Everyday commands of compose on a project of two services, on each engine in the same order.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Stage } from './stage.ts'
import { runProgram, type Step } from './suite.ts'

const PROJECT = `
services:
  db:
    image: IMAGE
    command: ["sh", "-c", "trap 'exit 0' TERM; echo db is up; while :; do sleep 1; done"]
    environment: { A: "1", B: "2", C: "3", D: "4" }
    volumes: ["data:/data"]
    networks: { back: { aliases: [store, cache] } }
    labels: { suite: NAME }
  web:
    image: IMAGE
    command: ["sh", "-c", "trap 'exit 0' TERM; echo web is up; while :; do sleep 1; done"]
    depends_on: [db]
    environment: ["MODE=test", "Z=1", "Y=2", "X=3"]
    networks: [front, back]
    ports: ["80"]
    restart: unless-stopped
volumes: { data: {} }
networks: { front: {}, back: {} }
`

// Both generations of compose know these; what one prints of its progress is not compared, only what it answers.
const EVERYDAY = `
config --services
config --volumes
config -q
up --no-start
ps -a -q
up -d
ps -q
ps --services
images -q
port web 80
logs --no-color db
exec -T db echo hi
exec -T db sh -c 'echo $A$B$C$D; exit 3'
exec -T web cat /etc/hostname
run --rm -T db echo once
run --rm -T --no-deps -e E=5 web sh -c 'echo $MODE $E'
up -d
pause db
unpause db
top db
restart -t 2 web
stop -t 2 web
ps --services --filter status=stopped
start web
kill -s KILL web
rm -f web
up -d --scale web=2
ps -q web
up -d --force-recreate db
up -d --scale web=1
down -v
ps -q
`

// Masked, since they differ from run to run: ids by `masked`, the order of what is done at once here.
function answer(stage: Stage, out: string): string {
  return stage
    .masked(out)
    .replaceAll(/^\s*$\n?/gm, '')
    .split('\n')
    .toSorted()
    .join('\n')
}

/** Runs the commands with one compose on one engine. */
export async function runCompose(stage: Stage): Promise<Step[]> {
  writeFileSync(join(stage.dir, 'compose.yaml'), stage.named(PROJECT))
  const env = {
    PATH: process.env['PATH'],
    HOME: stage.dir,
    DOCKER_CONFIG: stage.dir,
    DOCKER_HOST: stage.host,
    COMPOSE_HTTP_TIMEOUT: '30',
  }
  const steps: Step[] = []
  for (const [i, line] of EVERYDAY.trim().split('\n').entries()) {
    const args = Array.from(line.matchAll(/'([^']*)'|\S+/g), ([whole, quoted]) => quoted ?? whole)
    const base = ['-p', stage.named('NAME'), '-f', join(stage.dir, 'compose.yaml')]
    const { code, out } = await runProgram(stage.program, [...base, ...args], { cwd: stage.dir, env, timeout: 60_000 })
    steps.push({ name: `${i + 1} ${line}`, code, text: answer(stage, out) })
  }
  return steps
}
