import { bytesBody, httpHeaders, openReply } from '@holdfast/core'
import type { LlmReply, Next } from '@holdfast/core'
import { expect, test, vi } from 'vitest'
import { observing } from './observing.ts'
import type { Observer } from './observing.ts'
import { callTo } from './testing/exchange.ts'

const { call } = callTo('http://127.0.0.1:9')

const answer: Next = (call) =>
  openReply(call, {
    status: 200,
    statusText: 'OK',
    headers: httpHeaders(),
    body: bytesBody(new TextEncoder().encode('{}')),
  })

function named(name: string, seen: string[]): Observer {
  return () => {
    seen.push(`${name} in`)
    return {
      underWay: () => void seen.push(`${name} under way`),
      answered(reply) {
        seen.push(`${name} answered`)
        return reply
      },
      failed: (error) => void seen.push(`${name} failed: ${String(error)}`),
    }
  }
}

test('the first is the outermost', async () => {
  const seen: string[] = []
  const next: Next = (call) => {
    seen.push('asked')
    return answer(call)
  }
  await observing([named('a', seen), () => undefined, named('b', seen)])(call, next)
  const order = ['a in', 'b in', 'asked', 'a under way', 'b under way', 'b answered', 'a answered']
  expect(seen).toEqual(order)
})

test('a refusal reaches those that the call had come by, and nobody further in', async () => {
  const seen: string[] = []
  const next = vi.fn<Next>(answer)
  const refuses: Observer = () => {
    throw new Error('no')
  }
  const asked = observing([named('a', seen), refuses, named('b', seen)])(call, next)
  await expect(asked).rejects.toThrow('no')
  expect(next).not.toHaveBeenCalled()
  expect(seen).toEqual(['a in', 'a failed: Error: no'])
})

test('whoever breaks over an answer is told nothing more, and those around it hear of it', async () => {
  const seen: string[] = []
  const breaks: Observer = () => ({
    answered() {
      throw new Error('broken')
    },
    failed: () => void seen.push('told'),
  })
  const asked = observing([named('a', seen), breaks])(call, answer)
  await expect(asked).rejects.toThrow('broken')
  expect(seen).toEqual(['a in', 'a under way', 'a failed: Error: broken'])
})

test('calls and replies go on as the one further out has left them', async () => {
  const changed = call.with({ emit: () => {} })
  const next = vi.fn<Next>(answer)
  let outer: LlmReply | undefined
  const observe: Observer = () => ({ call: changed })
  const reads: Observer = (seen) => {
    expect(seen).toBe(changed)
    return {
      answered: (reply) => (outer = Object.create(reply) as LlmReply),
    }
  }
  const reply = await observing([observe, reads])(call, next)
  expect(next).toHaveBeenCalledExactlyOnceWith(changed)
  expect(reply).toBe(outer)
})
