/**
 * The script of the page, served as it stands here. It holds the token, sends requests, and shows events as text;
 * everything with structure is rendered by the service.
 */
export const PAGE_SCRIPT: string = String.raw`
const byId = (id) => document.getElementById(id)
const [enter, token, leave, actions, status, live, pulls, events, overview] =
  ['enter', 'token', 'leave', 'actions', 'status', 'live', 'pulls', 'events', 'overview'].map(byId)
const buttons = [byId('plan'), byId('refresh')]
let bearer
let following

const say = (text, isProblem = false) => {
  status.textContent = text
  status.className = isProblem ? 'problem' : ''
}

async function ask(method, path, accept) {
  const response = await fetch(path, { method, headers: { authorization: 'Bearer ' + bearer, accept } })
  if (response.ok || response.status === 207 || response.status === 502) return response
  const { error } = await response.json().catch(() => ({ error: 'status ' + response.status }))
  throw Object.assign(new Error(error), { status: response.status })
}

function show(isKnown) {
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
  const running = byId('data').dataset.running
  if (running !== '') follow(running)
}

async function start(dryRun) {
  buttons.forEach((button) => (button.disabled = true))
  say(dryRun ? 'Planning…' : 'Starting…')
  try {
    const path = '/admin/workspace-images/refresh?join=true&wait=' + dryRun + '&dryRun=' + dryRun
    const answer = await (await ask('POST', path, 'application/json')).json()
    if (dryRun) {
      await load()
      const due = answer.containers.filter(({ outcome }) => outcome === 'replaced' || outcome === 'removed')
      const names = due.map(({ name }) => name).join(', ')
      say(due.length === 0 ? 'A refresh would pull, and move no container as things are.' : 'A refresh would move ' + names + '.')
    } else {
      await follow(answer.id)
    }
  } catch (error) {
    failed(error)
  } finally {
    buttons.forEach((button) => (button.disabled = false))
  }
}

async function follow(job) {
  if (following === job) return
  following = job
  live.hidden = false
  pulls.replaceChildren()
  events.replaceChildren()
  say('A refresh is running.')
  buttons[1].disabled = true
  try {
    let last = 0
    for (let tries = 0; tries < 5 && following === job; tries++) {
      const record = await read(job, last, (seq) => (last = seq)).catch((error) => {
        if (error.status !== undefined) throw error
      })
      if (record !== undefined) return await ended(record)
      await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** tries))
    }
    say('The connection to the service is lost. Load the page again.', true)
  } catch (error) {
    failed(error)
  } finally {
    buttons[1].disabled = false
    following = undefined
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
    line(target, outcome === 'updated' ? 'pulled' : outcome, error?.message)
  }
  if (event.type === 'phase') line(event.name, event.phase)
  if (event.type === 'container') line(event.container.name, event.container.outcome, event.container.reason)
  if (event.type === 'recovered') line(event.recovered.name, 'an earlier replacement was ' + event.recovered.outcome)
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
function line(name, text, detail) {
  let item = lines.get(name)
  if (item === undefined || !item.isConnected) {
    item = document.createElement('li')
    item.append(element('b', name))
    events.append(item)
    lines.set(name, item)
  }
  item.append(element('span', text + (detail === undefined ? '' : ': ' + detail)))
  events.scrollTop = events.scrollHeight
}

function element(tag, text) {
  return Object.assign(document.createElement(tag), { textContent: text })
}

async function ended({ status, error, report }) {
  live.hidden = true
  await load()
  if (error !== undefined) return say('The refresh ended: ' + error.message, true)
  const back = report.containers.filter(({ outcome }) => outcome === 'rolled-back' || outcome === 'failed')
  const bad = [...back.map(({ name, outcome }) => name + ' ' + outcome), ...report.failed.map((name) => name + ' not pulled')]
  const moved = report.recreated.length === 0 ? 'No container had to be moved.' : 'Moved: ' + report.recreated.join(', ') + '.'
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
buttons[0].addEventListener('click', () => start(true))
buttons[1].addEventListener('click', () => start(false))
`
