import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { deadPort } from '@holdfast/lab'
import { labProvider } from './lab-provider.ts'
import { environmentOf, kill } from './open-claw.ts'
import type { OpenClaw } from './open-claw.ts'

/** One message for an agent. */
export interface Message {
  readonly agent: string
  /** Its key: `agent:…`. */
  readonly session: string
  readonly text: string
}

/** The daemon of an OpenClaw, on loopback: one process in which the turns of all agents run. */
export interface Gateway {
  /** As a program asks: by HTTP, until the turn has its answer. */
  ask(message: Message): Promise<void>
  /** As a person writes in a chat: over a WebSocket, until it is taken. What is under way there goes first. */
  chat(message: Message & { readonly id: string }): Promise<void>
  /** Lets it end what is under way. */
  close(): Promise<void>
}

export interface GatewayOptions {
  readonly baseUrl: string
  readonly agents: readonly string[]
  readonly tools: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const token = 'of-this-test'
const startsWithinMs = 180_000
const endsWithinMs = 30_000

/** Writes its configuration and starts it, without channels and whatever else looks out into the world. */
export async function startGateway(claw: OpenClaw, options: GatewayOptions): Promise<Gateway> {
  const { port } = new URL(await deadPort())
  configure(claw, options)
  const log = join(claw.home, 'gateway.log')
  const output = openSync(log, 'w', 0o600)
  const child = spawn(join(claw.installed, 'node_modules/.bin/openclaw'), ['gateway'], {
    cwd: claw.home,
    stdio: ['ignore', output, output],
    env: {
      ...environmentOf(claw),
      OPENCLAW_GATEWAY_PORT: port,
      OPENCLAW_GATEWAY_TOKEN: token,
      OPENCLAW_NO_RESPAWN: '1',
      OPENCLAW_NO_AUTO_UPDATE: '1',
      OPENCLAW_DISABLE_BONJOUR: '1',
      OPENCLAW_SKIP_CHANNELS: '1',
      OPENCLAW_SKIP_CRON: '1',
      OPENCLAW_SKIP_BROWSER_CONTROL_SERVER: '1',
      ...options.env,
    },
  })
  const ended = once(child, 'exit')
  const close = async (): Promise<void> => {
    child.kill('SIGTERM')
    await Promise.race([ended, setTimeout(endsWithinMs, undefined, { ref: false })])
    kill(claw)
    await ended
  }
  try {
    const chat = await connected(`ws://127.0.0.1:${port}`, () => child.exitCode === null)
    return {
      async ask({ agent, session, text }) {
        const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            authorization: `Bearer ${token}`,
            'x-openclaw-session-key': session,
          },
          body: JSON.stringify({
            model: `openclaw/${agent}`,
            messages: [{ role: 'user', content: text }],
          }),
        })
        const answer = await response.text()
        if (!response.ok) throw new Error(`the gateway answered ${response.status}: ${answer}`)
      },
      async chat({ session, text, id }) {
        await chat.request('chat.send', {
          sessionKey: session,
          message: text,
          idempotencyKey: id,
          queueMode: 'followup',
        })
      },
      async close() {
        chat.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    const said = readFileSync(log, 'utf8').slice(-2_000)
    throw new Error(`the gateway did not start: ${(error as Error).message}\n${said}`, {
      cause: error,
    })
  }
}

function configure({ home }: OpenClaw, { baseUrl, agents, tools }: GatewayOptions): void {
  const state = join(home, '.openclaw')
  mkdirSync(state, { recursive: true, mode: 0o700 })
  const config = {
    gateway: {
      mode: 'local',
      bind: 'loopback',
      controlUi: { enabled: false },
      http: { endpoints: { chatCompletions: { enabled: true } } },
    },
    session: { maintenance: { mode: 'warn' } },
    discovery: { mdns: { mode: 'off' } },
    agents: {
      ownership: 'explicit',
      defaults: {
        workspace: join(state, 'workspace'),
        skipBootstrap: true,
        model: { primary: 'lab/gpt-lab' },
        models: { 'lab/gpt-lab': {} },
      },
      entries: Object.fromEntries(agents.map((agent) => [agent, {}])),
    },
    update: { checkOnStart: false },
    models: {
      mode: 'merge',
      catalogRefresh: { enabled: false },
      providers: { lab: labProvider(baseUrl) },
    },
    plugins: { allow: [], slots: { memory: 'none' } },
    tools: { allow: tools, toolSearch: false },
  }
  writeFileSync(join(state, 'openclaw.json'), JSON.stringify(config), { mode: 0o600 })
}

interface Connection {
  request(method: string, params: object): Promise<void>
  close(): void
}

interface Answer {
  readonly type: string
  readonly event?: string
  readonly id?: string
  readonly ok?: boolean
  readonly error?: { readonly message: string }
}

/** A connection to a gateway that may still be starting. */
async function connected(url: string, isAlive: () => boolean): Promise<Connection> {
  const giveUpAtMs = Date.now() + startsWithinMs
  for (;;) {
    try {
      return await connect(url)
    } catch (error) {
      if (!isAlive() || Date.now() > giveUpAtMs) throw error
      await setTimeout(200)
    }
  }
}

/** As its own parts connect to it: https://docs.openclaw.ai/gateway/protocol/handshake (in its package, 2026-11-22). */
async function connect(url: string): Promise<Connection> {
  const socket = new WebSocket(url)
  const waiting = new Map<string, PromiseWithResolvers<void>>()
  const challenged = Promise.withResolvers<void>()
  socket.addEventListener('message', ({ data }) => {
    const answer = JSON.parse(String(data)) as Answer
    if (answer.event === 'connect.challenge') challenged.resolve()
    const asked = waiting.get(answer.id ?? '')
    if (answer.type !== 'res' || asked === undefined) return
    if (answer.ok === true) asked.resolve()
    else asked.reject(new Error(answer.error?.message))
  })
  socket.addEventListener('close', () => {
    const closed = new Error('the gateway has closed the connection')
    for (const { reject } of [challenged, ...waiting.values()]) reject(closed)
  })
  let asked = 0
  const request = (method: string, params: object): Promise<void> => {
    const id = String(asked++)
    const answered = Promise.withResolvers<void>()
    waiting.set(id, answered)
    socket.send(JSON.stringify({ type: 'req', id, method, params }))
    return answered.promise
  }
  await challenged.promise
  await request('connect', {
    minProtocol: 4,
    maxProtocol: 4,
    client: { id: 'gateway-client', version: '1.0.0', platform: 'linux', mode: 'backend' },
    role: 'operator',
    scopes: ['operator.admin', 'operator.read', 'operator.write'],
    auth: { token },
  })
  return { request, close: () => socket.close() }
}
