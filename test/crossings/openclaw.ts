import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { startLab } from '@holdfast/lab'
import type { LabRequest, Step } from '@holdfast/lab'
import { instrument } from 'holdfast'
import { startGateway } from '../openclaw/gateway.ts'
import type { Gateway } from '../openclaw/gateway.ts'
import { installOpenClaw } from '../openclaw/install-openclaw.ts'
import { crossed } from './crossings.ts'
import type { Crossings, MarkedCall } from './crossings.ts'

/** A turn of one of the agents, as somebody asks for it. */
interface Turn {
  readonly mark: string
  readonly agent: string
  readonly session: string
  /** Whom OpenClaw says that it is from. */
  readonly user: string | undefined
  readonly what: keyof typeof calls
}

/**
 * What a turn is asked to do: one call of a tool, one that goes on in the background, is over when others are, and wakes
 * its session then, or one that has a sub-agent do it and is told.
 */
const calls = {
  look: (mark: string, record: string) => exec(`echo ${mark} | tee -a ${record}`),
  wait: (mark: string, record: string) =>
    exec(`sleep $((5 - $(date +%s) % 5)); echo ${mark} | tee -a ${record}`, { background: true }),
  delegate: (mark: string) => ({
    name: 'sessions_spawn',
    arguments: { task: `Please look: ${mark}.` },
  }),
} as const

const agents = ['ada', 'bob', 'cleo', 'dan']
const entrances = ['http', 'chat'] as const
const sessionsOfEach = 5
const atATime = 25
const turnWithinMs = 120_000

/**
 * Turns of the agents of one OpenClaw, which run in one process: its gateway. What they are held against is their mark
 * and the session that OpenClaw itself writes into its prompt; where they are looked for is the journal.
 */
export async function throughGateway(runs: number, seed: string): Promise<Crossings> {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-crossings-openclaw-'))
  const claw = { installed: installOpenClaw(), home: join(root, 'home') }
  const [journal, record] = [join(root, 'journal.db'), join(root, 'record.txt')]
  writeFileSync(record, '')
  const turns = plan(runs, seed)
  const answered = new Set<string | undefined>()
  const requests: LabRequest[] = []
  const lab = await startLab({
    script(request) {
      requests.push(request)
      const step = nextStep(request, record)
      if (step.toolCalls === undefined) answered.add(askedIn(request.body)?.mark)
      return { ...step, delayMs: someOf(seed, `${request.index} reply`, 50) }
    },
  })
  let gateway: Gateway | undefined
  try {
    gateway = await startGateway(claw, {
      baseUrl: lab.baseUrls.openai,
      agents,
      tools: ['exec', 'process', 'sessions_spawn'],
      env: {
        NODE_OPTIONS: `--conditions=@holdfast/source --no-warnings --import ${import.meta.resolve('holdfast/auto')}`,
        HOLDFAST_JOURNAL: journal,
      },
    })
    const unanswered = await play(gateway, turns, answered)
    await quiet(() => requests.length)
    await gateway.close()
    gateway = undefined
    const found = await journaled(journal, turns)
    const seen = crossed(
      found,
      turns.map(({ mark }) => mark),
    )
    const wrong = [...seen.wrong, ...unanswered, ...once(found, turns, requests, record)]
    return { ...seen, wrong }
  } finally {
    await gateway?.close()
    await lab.close()
    rmSync(root, { recursive: true, force: true })
  }
}

function plan(runs: number, seed: string): readonly Turn[] {
  const kinds = ['look', 'look', 'look', 'wait', 'delegate'] as const
  return Array.from({ length: runs }, (_, index) => {
    const mark = `R${index}`
    const agent = agents[someOf(seed, `agent ${mark}`, agents.length)]!
    const entrance = entrances[someOf(seed, `entrance ${mark}`, entrances.length)]!
    const what = kinds[someOf(seed, `what ${mark}`, kinds.length)]!
    // What comes over two entrances at a time, and what wakes a session that is at work, OpenClaw puts into one turn.
    const place =
      what === 'look' ? someOf(seed, `session ${mark}`, sessionsOfEach) : `-${what}-${index}`
    return {
      mark,
      agent,
      session: `agent:${agent}:${entrance}${place}`,
      user: entrance === 'chat' ? 'gateway-client' : undefined,
      what,
    }
  })
}

/** Answers what went wrong with those that did not come to their end. */
async function play(
  gateway: Gateway,
  turns: readonly Turn[],
  answered: ReadonlySet<string | undefined>,
): Promise<readonly string[]> {
  const waiting = [...turns]
  const wrong: string[] = []
  const one = async ({ mark, user, what, ...where }: Turn): Promise<void> => {
    const message = { ...where, text: `Please ${what}: ${mark}.` }
    const send = (): Promise<void> =>
      user === undefined ? gateway.ask(message) : gateway.chat({ ...message, id: `chat-${mark}` })
    // Where somebody else is just making the session, OpenClaw refuses, and says that one may try again.
    await send().catch(send)
    if (user === undefined) return
    const giveUpAtMs = Date.now() + turnWithinMs
    while (!answered.has(mark)) {
      if (Date.now() > giveUpAtMs) throw new Error('it was never answered')
      await setTimeout(50)
    }
  }
  const worker = async (): Promise<void> => {
    for (let turn = waiting.shift(); turn !== undefined; turn = waiting.shift()) {
      const { mark } = turn
      await one(turn).catch((error: Error) => wrong.push(`${mark}: ${error.message}`))
    }
  }
  await Promise.all(Array.from({ length: atATime }, worker))
  return wrong
}

/** Until nothing has been asked for a while: sessions are woken, and told what became of sub-agents, when turns are over. */
async function quiet(asked: () => number): Promise<void> {
  const giveUpAtMs = Date.now() + turnWithinMs
  for (let before = -1; before !== asked() && Date.now() < giveUpAtMs;) {
    before = asked()
    await setTimeout(6_000)
  }
}

/** All calls in the journal, each with whose it ought to be. */
async function journaled(store: string, turns: readonly Turn[]): Promise<readonly MarkedCall[]> {
  const holdfast = instrument({ journal: { store }, adapters: false, telemetry: false })
  const found: MarkedCall[] = []
  try {
    const { runs } = holdfast
    for (const { id, session, user, agent } of (await runs?.list({ limit: 100_000 })) ?? []) {
      const run = {
        id,
        ...(session === undefined ? {} : { session }),
        ...(user === undefined ? {} : { user }),
        ...(agent === undefined ? {} : { agent }),
      }
      for (const { kind, data, seq } of (await runs?.entries(id)) ?? []) {
        if (kind === 'tool-intent') {
          const mark = /\bR\d+\b/.exec(data.arguments)?.[0]
          found.push({ what: 'a tool call', mark, run, whose: whoseIs(mark, turns) })
        } else if (kind === 'llm' || kind === 'llm-failed') {
          const body = JSON.parse((await runs?.request(id, seq)) ?? '{}') as unknown
          const asked = askedIn(body)?.mark
          // Nobody asked for a turn that the gateway begins by itself: it is a run of its own, of its session.
          const mark = asked ?? `what ${id} was begun for`
          const whose = asked === undefined ? placeIn(body) : whoseIs(asked, turns)
          found.push({ what: 'a model request', mark, run, whose })
        }
      }
    }
  } finally {
    await holdfast.uninstrument()
  }
  return found
}

function whoseIs(mark: string | undefined, turns: readonly Turn[]): MarkedCall['whose'] {
  const turn = turns.find((one) => one.mark === mark)
  return turn && { session: turn.session, user: turn.user, agent: turn.agent }
}

/** What is there more or less often than once, and what ought to be there at all. */
function once(
  found: readonly MarkedCall[],
  turns: readonly Turn[],
  requests: readonly LabRequest[],
  record: string,
): readonly string[] {
  const models = found.filter(({ what }) => what === 'a model request')
  const asked = requests.filter(({ wire }) => wire !== 'other').length
  const ran = readFileSync(record, 'utf8').trim().split('\n')
  const wrong = turns.flatMap(({ mark, what }) => {
    const tools = found.filter((call) => call.what === 'a tool call' && call.mark === mark).length
    const times = ran.filter((line) => line === mark).length
    const said = `${tools} tool calls of ${mark} (${what}) are in the journal, and its tool ran ${times} times`
    return tools === (what === 'delegate' ? 2 : 1) && times === 1 ? [] : [said]
  })
  if (asked !== models.length) {
    wrong.push(`${asked} model requests went out, and ${models.length} are in the journal`)
  }
  for (const what of ['wait', 'delegate'] as const) {
    const followed = models.some(({ mark, whose }) => {
      return mark?.startsWith('what ') && whose?.session?.includes(`-${what}-`)
    })
    if (!followed && turns.some((turn) => turn.what === what)) {
      wrong.push(`the gateway began no turn after a ${what}`)
    }
  }
  return wrong
}

function nextStep({ body }: LabRequest, record: string): Step {
  const asked = askedIn(body)
  if (asked === undefined) return { text: 'Noted.' }
  const { mark, what, isDone } = asked
  return isDone ? { text: `That was ${mark}.` } : { toolCalls: [calls[what](mark, record)] }
}

interface Said {
  readonly role: string
  readonly content?: unknown
}

/** What a turn is asked to do; undefined for one that OpenClaw begins by itself, and quotes as it likes. */
function askedIn(
  body: unknown,
): { readonly mark: string; readonly what: Turn['what']; readonly isDone: boolean } | undefined {
  const { messages = [] } = body as { readonly messages?: readonly Said[] }
  const last = messages.findLastIndex(
    ({ role, content }) =>
      role === 'user' && !JSON.stringify(content).includes('<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>'),
  )
  const said = JSON.stringify(messages[last]?.content ?? '')
  const [, what, mark] = /\](?:\\n|\s)*Please (look|wait|delegate): (R\d+)\./.exec(said) ?? []
  if (what === undefined || mark === undefined) return undefined
  const isDone = messages.slice(last).some(({ role }) => role === 'tool')
  return { mark, what: what as Turn['what'], isDone }
}

/** Where OpenClaw says that it is. */
function placeIn(body: unknown): MarkedCall['whose'] {
  const said = JSON.stringify(body).matchAll(/Runtime: agent=([^ |]+) \| session=([^ |]+)/g)
  const [, agent, session] = [...said].at(-1) ?? []
  return { agent, session }
}

function exec(
  command: string,
  how: object = {},
): { name: string; arguments: Record<string, unknown> } {
  return { name: 'exec', arguments: { command, ...how } }
}

/** A number below `many`, the same for the same seed. */
function someOf(seed: string, what: string, many: number): number {
  return createHash('sha256').update(`${seed} ${what}`).digest().readUInt32BE() % many
}
