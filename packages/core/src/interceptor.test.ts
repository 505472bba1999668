import { expect, test, vi } from 'vitest'
import { HoldfastError } from './errors.ts'
import { bytesBody, httpHeaders } from './http.ts'
import type { HttpResponse } from './http.ts'
import { compose, failOpen } from './interceptor.ts'
import type { Interceptor, Next } from './interceptor.ts'
import { openReply } from './open-reply.ts'
import type { LlmReply } from './reply.ts'
import { lineCall } from './testing/line-format.ts'

const answer = (text: string): HttpResponse => ({
  status: 200,
  statusText: 'OK',
  headers: httpHeaders(),
  body: bytesBody(new TextEncoder().encode(text)),
})
const model: Next = (call) => openReply(call, answer('text hello\nfinish\n'))
const textOf = async (reply: LlmReply) => new TextDecoder().decode((await reply.next())?.bytes)

test('the first interceptor is the outermost: it sees the call first and the reply last', async () => {
  const seen: string[] = []
  const named =
    (name: string): Interceptor =>
    async (call, next) => {
      seen.push(`${name} in`)
      const reply = await next(call)
      seen.push(`${name} out`)
      return reply
    }
  await compose([named('first'), named('second')], model)(lineCall())
  expect(seen).toEqual(['first in', 'second in', 'second out', 'first out'])
})

test('an interceptor that breaks on the way in is left out', async () => {
  const bug = vi.fn<(error: unknown) => void>()
  const broken: Interceptor = () => {
    throw new TypeError('a bug of ours')
  }
  const reply = await compose([failOpen(broken, bug)], model)(lineCall())
  expect(await textOf(reply)).toBe('text hello\nfinish\n')
  expect(bug).toHaveBeenCalledOnce()
})

test('an interceptor that breaks on the way out does not cost the answer, nor a second request', async () => {
  const bug = vi.fn<(error: unknown) => void>()
  const sent = vi.fn<Next>(model)
  const broken: Interceptor = async (call, next) => {
    await next(call)
    throw new TypeError('a bug of ours')
  }
  const reply = await compose([failOpen(broken, bug)], sent)(lineCall())
  expect(await textOf(reply)).toBe('text hello\nfinish\n')
  expect(sent).toHaveBeenCalledOnce()
  expect(bug).toHaveBeenCalledOnce()
})

test('what fails further in passes through as the same error', async () => {
  const bug = vi.fn<(error: unknown) => void>()
  const failure = new TypeError('fetch failed')
  const through: Interceptor = (call, next) => next(call)
  const call = compose([failOpen(through, bug)], () => Promise.reject(failure))(lineCall())
  await expect(call).rejects.toBe(failure)
  expect(bug).not.toHaveBeenCalled()
})

test('a refusal is no bug', async () => {
  const refusal = new HoldfastError('CIRCUIT_OPEN', 'models.example.com is down')
  const refuses: Interceptor = () => Promise.reject(refusal)
  const call = compose([failOpen(refuses, () => expect.unreachable())], model)(lineCall())
  await expect(call).rejects.toBe(refusal)
})

test('an error of another copy of the package is still one of ours', () => {
  const other = Object.assign(new Error('[CIRCUIT_OPEN] x'), { isHoldfastError: true })
  expect(HoldfastError.is(other)).toBe(true)
  expect(HoldfastError.is(new Error('x'))).toBe(false)
})
