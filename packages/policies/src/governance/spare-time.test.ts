import { subscribe } from 'node:diagnostics_channel'
import { startLab } from '@holdfast/lab'
import { expect, test } from 'vitest'
import { SpareTime } from './spare-time.ts'

test('what is put off waits until the next request is written, and is done in its order', async () => {
  const lab = await startLab()
  const happened: string[] = []
  subscribe('undici:client:sendHeaders', () => void happened.push('written'))
  const ask = () =>
    fetch(lab.url, { method: 'POST', body: '{}' }).then((response) => response.text())
  await ask()
  const spareTime = new SpareTime()
  spareTime.later(() => void happened.push('first'))
  const asked = ask()
  spareTime.later(() => void happened.push('second'))
  await asked
  await lab.close()
  expect(happened).toEqual(['written', 'written', 'first', 'second'])
})

test('who cannot wait has it done at once, and once', async () => {
  const spareTime = new SpareTime()
  let times = 0
  spareTime.later(() => void times++)
  expect(spareTime.catchUp()).toBe(true)
  expect(spareTime.catchUp()).toBe(false)
  await new Promise((resolve) => setImmediate(setImmediate, resolve))
  expect(times).toBe(1)
})

test('what goes wrong ends nothing, and is told', async () => {
  const told = new Promise<string>((resolve) => {
    process.once('warning', ({ message }) => resolve(message))
  })
  const spareTime = new SpareTime()
  let isDone = false
  spareTime.later(() => {
    throw new RangeError('of a secret')
  })
  spareTime.later(() => (isDone = true))
  expect(await told).toBe('[holdfast] governance could not count a call (RangeError)')
  expect(isDone).toBe(true)
})
