import { afterEach, expect, test } from 'vitest'
import { whenRead } from './when-read.ts'

const holder = globalThis as { anyGlobal?: string[] | undefined }
afterEach(() => {
  delete holder.anyGlobal
})

test('whoever reads a global gets what was put there at that moment', () => {
  let reads = 0
  whenRead('anyGlobal', () => {
    reads++
    holder.anyGlobal = ['ours']
  })
  expect(Object.keys(globalThis)).not.toContain('anyGlobal')
  expect(holder.anyGlobal).toEqual(['ours'])
  expect([holder.anyGlobal, reads]).toEqual([['ours'], 1])
})

test('what others have put there, before or after, is there', () => {
  holder.anyGlobal = ['theirs']
  whenRead('anyGlobal', () => holder.anyGlobal?.push('ours'))
  expect(holder.anyGlobal).toEqual(['theirs', 'ours'])

  whenRead('anyGlobal', () => holder.anyGlobal?.push('ours'))
  holder.anyGlobal = ['later']
  expect(holder.anyGlobal).toEqual(['later', 'ours'])
})

test('given up, nothing is left of it', () => {
  whenRead('anyGlobal', () => expect.unreachable())()
  expect('anyGlobal' in globalThis).toBe(false)
  holder.anyGlobal = ['theirs']
  const before = Object.getOwnPropertyDescriptor(globalThis, 'anyGlobal')
  whenRead('anyGlobal', () => expect.unreachable())()
  expect(Object.getOwnPropertyDescriptor(globalThis, 'anyGlobal')).toEqual(before)
})
