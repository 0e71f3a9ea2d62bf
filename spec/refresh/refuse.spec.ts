import assert from 'node:assert/strict'
import { test } from 'node:test'

import { refusal, type RefusalOptions } from '../../lib/refresh/refuse.ts'
import { ID, seen, type Change } from '../support/container.ts'

for (const [title, change, expected, options] of [
  ['an ordinary container', {}, undefined],
  ['one that does not run', { State: { Status: 'exited', Running: false } }, undefined],
  ['one that is paused', { State: { Status: 'paused', Paused: true } }, undefined],
  ['one that restarts', { State: { Status: 'restarting', Restarting: true } }, undefined],
  ['one under its temporary name', { top: { Name: '/ws-1.dockline-next' } }, /under way/],
  ['one that is parked', { top: { Name: '/ws-1.dockline-prev' } }, /dockline recover/],
  ['one that is being removed', { State: { Status: 'removing' } }, /it is removing/],
  ['one that is dead', { State: { Status: 'dead', Dead: true } }, /it is dead/],
  ['dockline itself', {}, /dockline itself runs in/, { selfId: ID }],
  ['another than dockline', {}, undefined, { selfId: 'f'.repeat(64) }],
  ['a task of a swarm', { Config: { Labels: { 'com.docker.swarm.task.id': 'x' } } }, /update the service/],
  ['a one-off run of compose', { Config: { Labels: { 'com.docker.compose.oneoff': 'True' } } }, /one-off/],
  ['a service of compose', { Config: { Labels: { 'com.docker.compose.oneoff': 'False' } } }, undefined],
  ['one with --rm', { HostConfig: { AutoRemove: true } }, /--allow-no-rollback/],
  [
    'one with --rm and the word of the operator',
    { HostConfig: { AutoRemove: true } },
    undefined,
    { allowNoRollback: true },
  ],
  ['one whose name just takes the suffix', { top: { Name: `/${'n'.repeat(241)}` } }, undefined],
  ['one whose name is too long for it', { top: { Name: `/${'n'.repeat(242)}` } }, /too long/],
] as const satisfies readonly (readonly [string, Change, RegExp | undefined, RefusalOptions?])[]) {
  test(`${title} is ${expected === undefined ? 'not refused' : 'refused'}`, () => {
    const reason = refusal(seen(change), options)
    if (expected === undefined) assert.equal(reason, undefined)
    else assert.match(reason ?? '', expected)
  })
}
