import { describe, expect, test } from 'vitest'

import type { CommandIo } from './index.ts'
import { faults, labCommand } from './index.ts'

interface Recorded {
  readonly io: CommandIo
  readonly out: () => string
  readonly err: () => string
}

function recorded(isTTY: boolean, signal?: AbortSignal): Recorded {
  let [out, err] = ['', '']
  const io: CommandIo = {
    stdout: { isTTY, write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    ...(signal === undefined ? {} : { signal }),
  }
  return { io, out: () => out, err: () => err }
}

const narrow = (text: string): boolean => text.split('\n').every((line) => line.length <= 80)

test('prints base URLs and one line per request, and ends when interrupted', async () => {
  const controller = new AbortController()
  const { io, out } = recorded(false, controller.signal)
  const exit = labCommand(['--rate', '1', '--fault', 'overloaded,rate-limited-reset-headers'], io)
  await expect.poll(out).toContain('ANTHROPIC_BASE_URL')
  const url = /OpenAI\s+(http:\S+\/v1)/.exec(out())?.[1]
  for (const stream of [false, true, true]) {
    const body = JSON.stringify({ model: 'a-model-with-quite-a-long-name', stream })
    await (await fetch(`${url}/chat/completions`, { method: 'POST', body })).text()
  }
  controller.abort()
  expect(await exit).toBe(0)
  expect(out()).toMatch(/chat +a-model-with-q… (overloaded|rate-limited)\S* +(503|429) +\d+ ms\n/)
  expect(out()).toMatch(/chat ~ +a-model/)
  expect(out()).toContain('3 requests, 3 met a fault, 0 given up by the client')
  expect(narrow(out())).toBe(true)
})

test('colours what it prints on a terminal only', async () => {
  const [plain, terminal] = [recorded(false), recorded(true)]
  await labCommand(['--list'], plain.io)
  await labCommand(['--list'], terminal.io)
  expect(plain.out()).not.toContain('\u001B')
  expect(terminal.out()).toContain('\u001B[36mrate-limited')
})

describe('help and list', () => {
  test('fit 80 columns', async () => {
    for (const option of ['--help', '--list']) {
      const { io, out } = recorded(false)
      expect(await labCommand([option], io)).toBe(0)
      expect(narrow(out())).toBe(true)
    }
  })

  test('the list has every fault', async () => {
    const { io, out } = recorded(false)
    await labCommand(['--list'], io)
    for (const { name } of faults) expect(out()).toContain(`  ${name} `)
  })
})

test.each([
  [['--port', 'x'], '--port must be a whole number from 0 to 65535, not "x"'],
  [['--rate', '3'], '--rate must be a number from 0 to 1, not "3"'],
  [['--fault', 'overload,rate-limit'], '--fault: there is no fault "overload"'],
  [['--fault', 'limited'], 'near it: rate-limited'],
  [['--nonsense'], "Unknown option '--nonsense'"],
])('%j is refused with a reason and exit code 2', async (args, reason) => {
  const { io, err, out } = recorded(false)
  expect(await labCommand(args, io)).toBe(2)
  expect(err()).toContain(reason)
  expect(out()).toBe('')
})
