/**
 * The script of the page, served as it stands here. It holds the token, sends requests, and shows events as text;
 * everything with structure is rendered by the service.
 */
export const PAGE_SCRIPT: string = String.raw`
const byId = (id) => document.getElementById(id)
const [enter, token, leave, actions, status, live, pulls, events, overview] =
  ['enter', 'token', 'leave', 'actions', 'status', 'live', 'pulls', 'events', 'overview'].map(byId)
const [plan, refresh] = ['plan', 'refresh'].map(byId)
let bearer
let following
let starting = false

const say = (text, isProblem = false) => {
  if (status.textContent !== text) status.textContent = text
  status.className = isProblem ? 'problem' : ''
}

// Not "disabled", which would take the focus from who uses a keyboard.
function settle() {
  plan.ariaDisabled = String(starting)
  refresh.ariaDisabled = String(starting || following !== undefined)
}

async function ask(method, path, accept) {
  const response = await fetch(path, { method, headers: { authorization: 'Bearer ' + bearer, accept } })
  if (response.ok || response.status === 207 || response.status === 502) return response
  const { error } = await response.json().catch(() => ({ error: 'status ' + response.status }))
  throw Object.assign(new Error(error), { status: response.status })
}

function show(isKnown) {
  if (isKnown && !enter.hidden) setTimeout(() => plan.focus())
  enter.hidden = isKnown
  leave.hidden = actions.hidden = !isKnown
  if (isKnown) return
  bearer = undefined
  following = undefined
  for (const element of [overview, pulls, events]) element.replaceChildren()
  live.hidden = true
  token.value = ''
  token.focus()
}

function failed(error) {
  if (error.status === 401) show(false)
  say(error.status === 401 ? 'This token is not known here.' : error.message, true)
}

async function load() {
  const response = await ask('GET', '/admin/overview', 'text/html')
  overview.innerHTML = await response.text()
  show(true)
  const { running, summary } = byId('data').dataset
  if (following === undefined) say(summary)
  if (running !== '') void follow(running)
}

async function start() {
  const answer = await ask('POST', '/admin/workspace-images/refresh?join=true&wait=false', 'application/json')
  const { id } = await answer.json()
  void follow(id)
}

/** Does what a button is for, unless it is being done. */
async function press(button, text, action) {
  if (button.ariaDisabled === 'true') return
  starting = true
  settle()
  say(text)
  await action().catch(failed)
  starting = false
  settle()
}

async function follow(job) {
  if (following === job) return
  following = job
  settle()
  live.hidden = false
  pulls.replaceChildren()
  events.replaceChildren()
  say('A refresh is running.')
  try {
    let last = 0
    for (let tries = 0; tries < 5 && following === job; tries++) {
      const record = await read(job, last, (seq) => (last = seq)).catch((error) => {
        if (error.status !== undefined) throw error
      })
      if (record !== undefined) {
        following = undefined
        return await ended(record)
      }
      await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** tries))
    }
    if (following === job) say('The connection to the service is lost. Load the page again.', true)
  } catch (error) {
    failed(error)
  } finally {
    if (following === job) following = undefined
    settle()
  }
}

async function read(job, last, seen) {
  const headers = { authorization: 'Bearer ' + bearer, accept: 'application/x-ndjson', 'last-event-id': String(last) }
  const response = await fetch('/admin/jobs/' + job, { headers })
  if (!response.ok) throw Object.assign(new Error('status ' + response.status), { status: response.status })
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done || bearer === undefined) return undefined
    const lines = (rest + value).split('\n')
    rest = lines.pop()
    for (const line of lines.filter((text) => text !== '')) {
      const event = JSON.parse(line)
      if (event.type === 'result') return event.job
      seen(event.seq)
      note(event)
    }
  }
}

const bars = new Map()
const lines = new Map()
function note(event) {
  if (event.type === 'pull') return pull(event)
  if (event.type === 'image') {
    bars.get(event.image.target)?.remove()
    bars.delete(event.image.target)
    const { target, outcome, error } = event.image
    line(target, outcome === 'updated' ? 'pulled' : outcome, 'badge ' + outcome, error?.message)
  }
  if (event.type === 'phase') line(event.name, event.phase, 'phase')
  if (event.type === 'container') {
    const { name, outcome, reason } = event.container
    line(name, outcome, 'badge ' + outcome, reason)
  }
  if (event.type === 'recovered') {
    const { name, outcome, reason } = event.recovered
    line(name, 'recovered: ' + outcome, 'badge ' + outcome, reason)
  }
}

function pull({ target, current, total }) {
  let bar = bars.get(target)
  if (bar === undefined || !bar.isConnected) {
    bar = document.createElement('label')
    bar.append(target, document.createElement('progress'))
    pulls.append(bar)
    bars.set(target, bar)
  }
  if (total > 0) Object.assign(bar.querySelector('progress'), { max: total, value: current })
}

// One line for each image and container, which grows step by step.
function line(name, text, kind, detail) {
  let item = lines.get(name)
  if (item === undefined || !item.isConnected) {
    item = document.createElement('li')
    item.append(element('b', name))
    events.append(item)
    lines.set(name, item)
  }
  item.append(element('span', text, kind))
  if (detail !== undefined) item.append(' ', element('span', detail, 'detail'))
  events.scrollTop = events.scrollHeight
}

function element(tag, textContent, className = '') {
  return Object.assign(document.createElement(tag), { textContent, className })
}

async function ended({ status, error, report }) {
  live.hidden = true
  await load()
  if (error !== undefined) return say('The refresh ended: ' + error.message, true)
  const back = report.containers.filter(({ outcome }) => outcome === 'rolled-back' || outcome === 'failed')
  const bad = [...back.map(({ name, outcome }) => name + ' ' + outcome), ...report.failed.map((name) => name + ' not pulled')]
  const moved = report.recreated.length === 0 ? 'No container had to be moved.' : 'Moved: ' + report.recreated.toSorted().join(', ') + '.'
  say(status === 200 ? 'The refresh is done. ' + moved : 'The refresh ended with problems: ' + bad.join(', ') + '.', status !== 200)
}

enter.addEventListener('submit', async (event) => {
  event.preventDefault()
  bearer = token.value
  say('')
  await load().catch(failed)
})
leave.addEventListener('click', () => {
  show(false)
  say('')
})
plan.addEventListener('click', () => press(plan, 'Looking…', load))
refresh.addEventListener('click', () => press(refresh, 'Starting…', start))
// Who comes back to the page sees what is, not what was.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && bearer !== undefined && following === undefined) load().catch(failed)
})
`
