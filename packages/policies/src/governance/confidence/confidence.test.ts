import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ApprovalAnswer } from '@holdfast/core'
import { startLab } from '@holdfast/lab'
import { expect, test } from 'vitest'
import { ask } from '../../testing/exchange.ts'
import type { Ask } from '../../testing/exchange.ts'
import type { Escalation } from '../escalation.ts'
import { aroundCall, governance } from '../governance.ts'
import type { ConfidenceOptions, ConfidenceReview } from './options.ts'

async function judged(
  url: string,
  confidence: ConfidenceOptions,
  how: Ask = {},
  answer?: ApprovalAnswer,
) {
  const reviews: ConfidenceReview[] = []
  const escalations: Escalation[] = []
  const asked: string[] = []
  const approver = answer && {
    async ask({ argumentsText }: { readonly argumentsText: string }) {
      asked.push(argumentsText)
      return answer
    },
    redeem: async () => true,
  }
  const line = aroundCall(
    governance(
      {
        loops: false,
        confidence: { ...confidence, onReview: (one) => reviews.push(one) },
        onEscalate: (one) => escalations.push(one),
      },
      { approver },
    ),
  )
  const ended = await ask(url, line, how)
  await new Promise(setImmediate)
  const scores = ended.events.flatMap((event) =>
    event.type === 'decision-made' ? [[event.decision.rule, event.decision.score]] : [],
  )
  return { ...ended, reviews, escalations, scores, asked }
}

test.each([true, false])(
  'a member of the answer says how sure it is, streamed %s',
  async (streaming) => {
    const answers = [0.9, 0.5, 0.1].map((sure) => ({ text: JSON.stringify({ a: { sure } }) }))
    await using lab = await startLab({ script: [...answers, { text: 'no JSON' }] })
    const options = { score: { field: 'a.sure' } }

    const auto = await judged(lab.url, options, { streaming })
    const review = await judged(lab.url, options, { streaming })
    const low = await judged(lab.url, options, { streaming })
    const none = await judged(lab.url, options, { streaming })

    expect([auto, review, low, none].map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(auto.scores).toEqual([['confidence.auto', 0.9]])
    expect(review.reviews).toMatchObject([{ score: 0.5, model: 'test-model' }])
    expect(low.escalations).toMatchObject([{ kind: 'confidence', score: 0.1, soFar: { calls: 1 } }])
    expect(none.scores).toEqual([['confidence.escalate', undefined]])
  },
)

test('a function may score, and one that breaks is no score', async () => {
  await using lab = await startLab()
  const sure = await judged(lab.url, { score: ({ text }) => (text === '' ? 0 : 1) })
  const broken = await judged(lab.url, {
    score: () => {
      throw new Error('no idea')
    },
  })
  expect(sure.scores).toEqual([['confidence.auto', 1]])
  expect(broken.scores).toEqual([['confidence.escalate', undefined]])
})

test.each([true, false])('somebody may have to approve first, streamed %s', async (streaming) => {
  await using lab = await startLab()
  const options = { score: () => 0.1, ask: true }
  const approved = { verdict: 'approved', id: '1', by: 'ops' } as const
  const denied = { verdict: 'denied', id: '2', by: 'ops', reason: 'that is wrong' } as const

  const yes = await judged(lab.url, options, { streaming }, approved)
  const no = await judged(lab.url, options, { streaming }, denied)

  expect(yes.status).toBe(200)
  expect(yes.asked[0]).toContain('"score":0.1')
  expect(no.error).toMatchObject({ code: 'REPLY_REJECTED', issues: [{ message: 'that is wrong' }] })
  expect(no.text).toBe('')
})

// What OpenAI sends where logprobs are asked for; the lab has none.
const tokens = [
  { token: 'Os', logprob: Math.log(0.5) },
  { token: 'lo', logprob: Math.log(0.125) },
]
const message = { role: 'assistant', content: 'Oslo' }
const piece = (index: number) => ({
  choices: [
    {
      index: 0,
      delta: { content: tokens[index]?.token },
      logprobs: { content: [tokens[index]] },
      finish_reason: null,
    },
  ],
})
const delta = (index: number) => ({
  type: 'response.output_text.delta',
  output_index: 0,
  content_index: 0,
  item_id: 'm',
  delta: tokens[index]?.token,
  logprobs: [tokens[index]],
})
const part = { type: 'output_text', text: 'Oslo', annotations: [], logprobs: tokens }
const item = { type: 'message', id: 'm', role: 'assistant', status: 'completed', content: [part] }
const done = { id: 'r', object: 'response', status: 'completed', model: 'm', output: [item] }
const bodies = {
  'openai-chat': {
    whole: {
      id: 'c',
      object: 'chat.completion',
      model: 'm',
      choices: [{ index: 0, message, logprobs: { content: tokens }, finish_reason: 'stop' }],
    },
    streamed: [
      piece(0),
      piece(1),
      { choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }] },
    ],
  },
  'openai-responses': {
    whole: done,
    streamed: [delta(0), delta(1), { type: 'response.completed', response: done }],
  },
} as const

test.each(
  (['openai-chat', 'openai-responses'] as const).flatMap((wire) => [
    { wire, streaming: true },
    { wire, streaming: false },
  ]),
)('the model itself says how likely its words are: $wire, streamed $streaming', async (how) => {
  const { whole, streamed } = bodies[how.wire]
  const body = how.streaming
    ? streamed.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
    : JSON.stringify(whole)
  const type = how.streaming ? 'text/event-stream' : 'application/json'
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': type })
    // Cut in the middle of a number.
    response.write(body.slice(0, 97))
    setTimeout(() => response.end(body.slice(97)), 5)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  const { scores } = await judged(`http://127.0.0.1:${port}`, { score: 'logprobs' }, how)

  server.close()
  server.closeAllConnections()
  expect(scores).toHaveLength(1)
  expect(scores[0]?.[0]).toBe('confidence.escalate')
  expect(scores[0]?.[1]).toBeCloseTo(0.25)
})
