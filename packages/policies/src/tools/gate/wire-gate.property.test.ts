import { assemble, httpHeaders, openReply } from '@holdfast/core'
import type { HttpBody, PolicyDecision } from '@holdfast/core'
import { startLab } from '@holdfast/lab'
import { formats } from '@holdfast/wire'
import { array, assert, asyncProperty, constantFrom, integer } from 'fast-check'
import { expect, test } from 'vitest'
import { ask, callTo, wireNames } from '../../testing/exchange.ts'
import { toolGate } from './tool-gate.ts'

const step = {
  text: 'Let me see – äöü 🌊',
  toolCalls: [
    { name: 'get_weather', arguments: { city: 'Tromsø' } },
    { name: 'send_email', arguments: { to: 'eve@example.com' } },
    { name: 'get_weather', arguments: { city: 'Rom' } },
    { name: 'pay', arguments: { amount: 3 } },
  ],
}

function inPieces(bytes: Uint8Array, sizes: readonly number[]): HttpBody {
  let at = 0
  let piece = 0
  return {
    read() {
      if (at >= bytes.length) return Promise.resolve(undefined)
      const size = sizes[piece++ % sizes.length] ?? 1
      const part = bytes.subarray(at, at + size)
      at += size
      return Promise.resolve(part)
    },
    readAll: () => Promise.resolve(bytes),
    cancel: () => Promise.resolve(),
  }
}

test.for(wireNames)(
  '%s: however the bytes are cut, the same verdicts, and the same calls are handed on',
  async (wire) => {
    await using lab = await startLab({ script: step })
    const { text } = await ask(lab.url, (call, next) => next(call), { wire })
    const bytes = Buffer.from(text)
    const format = formats.find(({ name }) => name === wire)
    const gate = toolGate(
      {
        preset: 'strict',
        declare: { get_weather: { class: 'read-only' }, send_email: { class: 'communication' } },
        rules: [{ name: 'pay-less', tool: 'pay', verdict: 'ask' }],
      },
      {
        approver: {
          async ask({ tool }) {
            return tool === 'pay'
              ? { verdict: 'approved', id: '1', by: 'ada', editedText: '{"amount":1}' }
              : { verdict: 'denied', id: '2', by: 'ada', reason: 'Not to her.' }
          },
          redeem: async () => true,
        },
      },
    )

    await assert(
      asyncProperty(
        array(integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 }),
        constantFrom(
          'text/event-stream',
          'text/event-stream; charset=utf-8',
          'text/plain',
          'application/json',
        ),
        async (sizes, contentType) => {
          const { call, events } = callTo('http://a.example', { wire })
          const reply = await gate.llm(call, (inner) =>
            openReply(inner, {
              status: 200,
              statusText: '',
              headers: httpHeaders({ 'content-type': contentType }),
              body: inPieces(bytes, sizes),
            }),
          )
          const pieces: Uint8Array[] = []
          for (let frame = await reply.next(); frame; frame = await reply.next()) {
            pieces.push(frame.bytes)
          }

          const reader = format?.replyReader({
            operation: 'chat',
            streaming: true,
            contentType: null,
          })
          const read = assemble([
            ...(reader?.push(Buffer.concat(pieces)) ?? []),
            ...(reader?.end() ?? []),
          ])
          expect(
            read.toolCalls.map(({ name, arguments: json }) => [name, JSON.parse(json)]),
          ).toEqual([
            ['get_weather', { city: 'Tromsø' }],
            ['get_weather', { city: 'Rom' }],
            ['pay', { amount: 1 }],
          ])
          expect(read.text).toMatch(
            /^Let me see – äöü 🌊\n\nTool call refused: send_email was not run. Not to her\./,
          )
          expect(read.finishReason).toBe('tool-calls')
          expect(reader?.complete).toBe(true)
          const decisions = events.flatMap((event): PolicyDecision[] =>
            event.type === 'decision-made' ? [event.decision] : [],
          )
          expect(decisions.map(({ verdict, rule }) => `${verdict} ${rule}`)).toEqual([
            'allow class.read-only',
            'ask class.communication',
            'allow class.read-only',
            'ask pay-less',
          ])
        },
      ),
      { numRuns: 60 },
    )
  },
)
