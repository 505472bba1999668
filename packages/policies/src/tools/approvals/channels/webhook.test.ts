import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { canonicalArguments } from '@holdfast/core'
import type { ApprovalAnswer } from '@holdfast/core'
import { afterEach, expect, test } from 'vitest'
import { approver } from '../approver.ts'
import type { RunningApprover } from '../approver.ts'
import type { WebhookOptions } from './webhook.ts'
import { webhook } from './webhook.ts'
import { signatureHeaders, verifyWebhook } from './webhook-signature.ts'

const secret = 'a secret of sixteen'
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

interface Post {
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** Somebody who receives webhooks, and answers with these statuses, then with 200. */
async function startReceiver(statuses: readonly number[] = [], retryAfter?: string) {
  const posts: Post[] = []
  const server: Server = createServer(async (request, response) => {
    posts.push({ headers: request.headers, body: await text(request) })
    const status = statuses[posts.length - 1] ?? 200
    response.writeHead(status, {
      ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
      location: 'http://127.0.0.1:1/elsewhere',
    })
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(
    () => server.closeAllConnections(),
    () => server.close(),
  )
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const next = async (count: number): Promise<Post> => {
    while (posts.length < count) await new Promise((resolve) => setTimeout(resolve, 5))
    return posts[count - 1] as Post
  }
  return { url: `http://127.0.0.1:${port}/hook`, posts, next }
}

function start(options: WebhookOptions): {
  approver: RunningApprover
  ask: () => Promise<ApprovalAnswer>
  bugs: unknown[]
} {
  const bugs: unknown[] = []
  const one = approver({
    channels: [webhook({ secret, baseDelayMs: 5, ...options })],
    bug: (_channel, error) => void bugs.push(error),
  })
  ends.push(() => one.close())
  const { text: argumentsText, hash: argumentsHash } = canonicalArguments({ amount: 7 })
  const question = {
    runId: 'run',
    tool: 'pay',
    toolClass: 'payment',
    rule: 'class.payment',
    reason: 'It moves money.',
    argumentsText,
    argumentsHash,
  }
  return { approver: one, ask: () => one.ask(question, undefined), bugs }
}

test('a question is posted with a signature that only who knows the secret can make', async () => {
  const { url, next } = await startReceiver()
  const { approver, ask } = start({ url, headers: { authorization: 'Bearer of-the-proxy' } })
  const asking = ask()
  const { headers, body } = await next(1)
  const signature = {
    timestamp: String(headers['holdfast-timestamp']),
    signature: String(headers['holdfast-signature']),
  }
  expect(verifyWebhook(secret, body, signature)).toBe(true)
  expect(verifyWebhook('another secret of it', body, signature)).toBe(false)
  expect(verifyWebhook(secret, body.replace('7', '9'), signature)).toBe(false)
  expect(verifyWebhook(secret, body, signature, Date.now() + 302_000)).toBe(false)
  expect(headers['authorization']).toBe('Bearer of-the-proxy')
  const told = JSON.parse(body) as Record<string, unknown>
  expect(told).toMatchObject({
    type: 'approval-asked',
    tool: 'pay',
    argumentsText: '{"amount":7}',
    rule: 'class.payment',
  })
  expect(told['callbackUrl']).toBeUndefined()
  await approver.desk.approve(String(told['id']), { by: 'ada' })
  await expect(asking).resolves.toMatchObject({ verdict: 'approved' })
})

test('it is posted again politely, and not where the receiver does not want it', async () => {
  const busy = await startReceiver([503, 429, 200])
  const first = start({ url: busy.url })
  const asking = first.ask()
  const { body } = await busy.next(3)
  expect(new Set(busy.posts.map((post) => post.body)).size).toBe(1)
  await first.approver.desk.deny((JSON.parse(body) as { id: string }).id)
  await asking
  expect(first.bugs).toEqual([])

  for (const status of [404, 302]) {
    const receiver = await startReceiver([status])
    const { approver, ask, bugs } = start({ url: receiver.url })
    const waiting = ask()
    await receiver.next(1)
    while (bugs.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(String(bugs[0])).toContain(`answered ${status}`)
    expect(receiver.posts).toHaveLength(1)
    const [record] = await approver.desk.list()
    await approver.desk.deny(record?.id ?? '')
    await waiting
  }
})

test('Retry-After is waited for', async () => {
  const { url, posts, next } = await startReceiver([429], '1')
  const { approver, ask } = start({ url })
  const asking = ask()
  await next(1)
  const atMs = performance.now()
  await next(2)
  expect(performance.now() - atMs).toBeGreaterThan(900)
  expect(posts).toHaveLength(2)
  const [record] = await approver.desk.list()
  await approver.desk.deny(record?.id ?? '')
  await asking
})

test.each([
  { url: 'http://example.com/hook' },
  { url: 'http://127.0.0.1.example.com/hook' },
  { url: 'ftp://127.0.0.1/hook' },
  { url: 'not an address' },
  { url: 'https://example.com/hook', secret: 'short' },
])('%j is refused', (options) => {
  expect(() => webhook({ secret, ...options })).toThrow(
    expect.objectContaining({ code: 'OPTIONS_INVALID' }),
  )
})

test('the answer comes back signed, about these arguments, once', async () => {
  const { url, next } = await startReceiver()
  const { ask } = start({ url, callback: {} })
  const asking = ask()
  const told = JSON.parse((await next(1)).body) as {
    id: string
    argumentsHash: string
    callbackUrl: string
  }
  const { id, argumentsHash, callbackUrl } = told
  const post = async (
    said: unknown,
    how: { key?: string; atMs?: number; url?: string; tamper?: boolean } = {},
  ): Promise<number> => {
    const body = JSON.stringify(said)
    const response = await fetch(how.url ?? callbackUrl, {
      method: 'POST',
      headers: signatureHeaders(how.key ?? secret, body, how.atMs ?? Date.now()),
      body: how.tamper === true ? body.replace('deny', 'approve') : body,
    })
    return response.status
  }
  const approve = { id, argumentsHash, decision: 'approve', by: 'ada' }

  expect(await post({ ...approve, decision: 'deny' }, { tamper: true })).toBe(401)
  expect(await post(approve, { key: 'another secret of it' })).toBe(401)
  // Five minutes, and a second more: the signature tells whole ones.
  expect(await post(approve, { atMs: Date.now() - 302_000 })).toBe(401)
  expect(await post(approve, { atMs: Date.now() + 302_000 })).toBe(401)
  expect(await post(approve, { url: callbackUrl.slice(0, -1) })).toBe(401)
  expect(await post(approve, { url: callbackUrl.replace(id, 'other') })).toBe(401)
  expect((await fetch(callbackUrl)).status).toBe(405)
  expect((await fetch(callbackUrl, { method: 'POST', body: '{}' })).status).toBe(401)
  expect(await post({ ...approve, argumentsHash: '0'.repeat(64) })).toBe(409)
  expect(await post({ ...approve, id: 'other' })).toBe(400)
  expect(await post({ id, argumentsHash })).toBe(400)
  expect(await post('x'.repeat(2_000_000))).toBe(413)
  expect(await post(approve)).toBe(200)
  await expect(asking).resolves.toMatchObject({ verdict: 'approved', by: 'webhook:ada' })
  expect(await post(approve)).toBe(409)
})

test('two answers at the same moment are one', async () => {
  const { url, next } = await startReceiver()
  const { ask } = start({ url, callback: {} })
  const asking = ask()
  const { id, argumentsHash, callbackUrl } = JSON.parse((await next(1)).body) as Record<
    'id' | 'argumentsHash' | 'callbackUrl',
    string
  >
  const answers = await Promise.all(
    ['approve', 'deny', 'approve', 'deny'].map(async (decision) => {
      const body = JSON.stringify({ id, argumentsHash, decision })
      const headers = signatureHeaders(secret, body, Date.now())
      return (await fetch(callbackUrl, { method: 'POST', headers, body })).status
    }),
  )
  expect(answers.filter((status) => status === 200)).toHaveLength(1)
  expect(answers.filter((status) => status === 409)).toHaveLength(3)
  await asking
})
