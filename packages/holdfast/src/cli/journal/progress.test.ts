import { expect, test } from 'vitest'
import { progressLine } from './progress.ts'

function drawnOn(isTTY: boolean) {
  let time = 0
  let written = ''
  const output = { isTTY, write: (text: string) => void (written += text) }
  const line = progressLine('import', output, () => time)
  for (let done = 1; done <= 1_000; done++) {
    time++
    line.tell(done, 1_000)
  }
  line.end()
  return written
}

test('a terminal is told how far long work has come, and nothing stays of it', () => {
  const written = drawnOn(true)
  expect(written).toContain('import [############............] 50 % (500 of 1000)')
  expect(written.split('import')).toHaveLength(8)
  expect(written.endsWith('\r\u001B[K')).toBe(true)
})

test('a file or a pipe gets no progress', () => {
  expect(drawnOn(false)).toBe('')
})
