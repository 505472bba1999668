import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { httpHeaders } from './http.ts'
import type { HttpResponse } from './http.ts'
import { openReply } from './open-reply.ts'
import type { Frame, ReplyWatch } from './reply.ts'
import { watchReply } from './reply.ts'
import { lineCall } from './testing/line-format.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

function response(pieces: string[], status = 200, broken?: Error): HttpResponse {
  const left = pieces.map(bytes)
  const read = async (): Promise<Uint8Array | undefined> => {
    const piece = left.shift()
    if (piece === undefined && broken !== undefined) throw broken
    return piece
  }
  return {
    status,
    statusText: '',
    headers: httpHeaders(),
    body: { read, readAll: async () => Buffer.concat(left.splice(0)), cancel: async () => {} },
  }
}

test('frames carry the original bytes, and events that a later frame completes belong to that one', async () => {
  const reply = await openReply(lineCall(), response(['text he', 'llo\ntext w', 'orld\nfinish\n']))
  const first = await reply.next()
  const second = await reply.next()
  const third = await reply.next()
  expect([first, second, third].map((frame) => Buffer.from(frame!.bytes).toString())).toEqual([
    'text he',
    'llo\ntext w',
    'orld\nfinish\n',
  ])
  // Asked for out of order, parsed in order.
  expect(third!.events).toEqual([
    { type: 'text-delta', choice: 0, text: 'world' },
    { type: 'finish', choice: 0, reason: 'stop', raw: 'stop' },
  ])
  expect(second!.events).toEqual([{ type: 'text-delta', choice: 0, text: 'hello' }])
  expect(first!.events).toEqual([])
  expect(await reply.next()).toBeUndefined()
  expect(reply.complete()).toBe(true)
})

test('of many events that come at once the first are handed up before the others are read', async () => {
  const many = 'text hello\n\n'.repeat(2_000)
  const broken = new Error('cut')
  const reply = await openReply(lineCall(), response([many, 'text bye\n'], 200, broken))
  const first = await reply.next()
  const second = await reply.next()
  const third = await reply.next()

  expect(first!.events.length).toBeLessThan(second!.events.length / 10)
  expect(Buffer.from(first!.bytes).toString()).toMatch(/hello\n\n$/)
  expect(Buffer.concat([first!.bytes, second!.bytes]).toString()).toBe(many)
  expect(Buffer.from(third!.bytes).toString()).toBe('text bye\n')
  await expect(reply.next()).rejects.toBe(broken)
})

test('what came with the first events is gone when the reply is cancelled', async () => {
  const reply = await openReply(lineCall(), response(['text hello\n\n'.repeat(1_000)]))
  await reply.next()
  await reply.cancel()
  expect(await reply.next()).toBeUndefined()
})

test('a stream without its terminal event is not complete', async () => {
  const reply = await openReply(lineCall(), response(['text hello\n']))
  await reply.next()
  await reply.next()
  expect(reply.complete()).toBe(false)
})

test('a last line without its end is still an event, in a frame without bytes', async () => {
  const reply = await openReply(lineCall(), response(['text hello\n', 'finish']))
  const events = async () => (await reply.next())?.events.map(({ type }) => type)
  expect(await events()).toEqual(['text-delta'])
  expect(await events()).toEqual([])
  expect(await events()).toEqual(['finish'])
  expect(await reply.next()).toBeUndefined()
})

test('a whole answer is one frame with all events', async () => {
  const reply = await openReply(
    lineCall({ streaming: false }),
    response(['text a\n', 'text b\nfinish']),
  )
  const frame = await reply.next()
  expect(frame!.events.map(({ type }) => type)).toEqual(['text-delta', 'text-delta', 'finish'])
  expect(await reply.next()).toBeUndefined()
  expect(reply.complete()).toBe(true)
  expect(reply.problem()).toBeUndefined()
})

test('an error answer tells its failure at once and still hands its bytes on', async () => {
  const reply = await openReply(lineCall(), response(['slow down'], 429))
  expect(reply.failure).toEqual({ status: 429, message: 'slow down' })
  expect(Buffer.from((await reply.next())!.bytes).toString()).toBe('slow down')
  expect(await reply.next()).toBeUndefined()
})

test('a watcher is told of the end once, also when the reader cancels afterwards', async () => {
  const watch = {
    frame: vi.fn<(frame: Frame) => void>(),
    end: vi.fn<() => void>(),
    cancel: vi.fn<(reason: unknown) => void>(),
  }
  const reply = watchReply(await openReply(lineCall(), response(['finish\n'])), watch)
  await reply.next()
  await reply.next()
  await reply.cancel()
  expect(watch.frame).toHaveBeenCalledOnce()
  expect(watch.end).toHaveBeenCalledOnce()
  expect(watch.cancel).not.toHaveBeenCalled()
})

test('a watcher that throws is switched off and the reply goes on', async () => {
  const bug = vi.fn<(error: unknown) => void>()
  const end = vi.fn<() => void>()
  const watch = {
    frame: () => {
      throw new TypeError('a bug of ours')
    },
    end,
  }
  const reply = watchReply(
    await openReply(lineCall(), response(['text a\n', 'finish\n'])),
    watch,
    bug,
  )
  expect(await reply.next()).toBeDefined()
  expect(await reply.next()).toBeDefined()
  expect(await reply.next()).toBeUndefined()
  expect(bug).toHaveBeenCalledOnce()
  expect(end).not.toHaveBeenCalled()
})

test('watchers of one reply stand beside each other, and one that throws leaves the others', async () => {
  const seen: string[] = []
  const heard = (name: string): ReplyWatch => ({
    frame: () => void seen.push(name),
    end: () => void seen.push(`${name} at the end`),
  })
  const inner = watchReply(await openReply(lineCall(), response(['finish\n'])), heard('inner'))
  const bug = vi.fn<(error: unknown) => void>()
  const broken = watchReply(inner, { frame: () => assert.fail('a bug of ours') }, bug)
  const reply = watchReply(broken, heard('outer'))
  expect(await reply.next()).toBeDefined()
  expect(await reply.next()).toBeUndefined()
  expect(reply).toBe(inner)
  expect(seen).toEqual(['inner', 'outer', 'inner at the end', 'outer at the end'])
  expect(bug).toHaveBeenCalledOnce()
})

test('a frame is handed up when its watchers have done with it, and a watcher that fails is not asked again', async () => {
  const order: string[] = []
  const bug = vi.fn<(error: unknown) => void>()
  const slow = watchReply(await openReply(lineCall(), response(['text a\n', 'finish\n'])), {
    frame: async () => {
      await setTimeout(5)
      order.push('written')
    },
  })
  const reply = watchReply(
    slow,
    { frame: () => Promise.reject(new TypeError('a bug of ours')) },
    bug,
  )
  for (let frames = 0; frames < 2; frames++) {
    expect(await reply.next()).toBeDefined()
    order.push('handed up')
  }
  expect(order).toEqual(['written', 'handed up', 'written', 'handed up'])
  expect(bug).toHaveBeenCalledOnce()
})

test('who watches a reply that is over hears of its end too', async () => {
  const reply = watchReply(await openReply(lineCall(), response(['finish\n'])), {})
  while ((await reply.next()) !== undefined);
  const end = vi.fn<() => void>()
  expect(await watchReply(reply, { end }).next()).toBeUndefined()
  expect(end).toHaveBeenCalledOnce()
})

test('a transfer that breaks reaches watcher and reader as the same error', async () => {
  const failure = new TypeError('terminated')
  const error = vi.fn<(error: unknown) => void>()
  const reply = watchReply(await openReply(lineCall(), response(['text a\n'], 200, failure)), {
    error,
  })
  await reply.next()
  await expect(reply.next()).rejects.toBe(failure)
  expect(error).toHaveBeenCalledWith(failure)
})
