import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { whenLaunched } from './when-launched.ts'

const reads = /\.lines\b[^]*\.readLines\b/

/** Hears what a process says, as a client does that launches its server. */
class Client {
  readonly lines: string[] = []

  async launch(command: string, args: readonly string[] = []): Promise<void> {
    const launched = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    launched.stdout.on('data', (said: Buffer) => {
      this.lines.push(String(said))
      this.readLines()
    })
    await Promise.race([once(launched, 'close'), once(launched, 'error')])
  }

  readLines(): void {}
}

let giveUp: () => void
let launches = 0
afterEach(() => {
  giveUp()
  launches = 0
})

function watch(): void {
  giveUp = whenLaunched(reads, () => launches++)
}

test('a process is told, once, that is heard by a function that reads so', async () => {
  watch()
  const client = new Client()
  await client.launch(process.execPath, ['--version'])
  expect(client.lines.join('')).toBe(`${process.version}\n`)
  await client.launch(process.execPath, ['--version'])
  expect(launches).toBe(1)
})

test('a process that others hear, that nobody hears, and one that is not there, are not', async () => {
  watch()
  const heard = spawn(process.execPath, ['--version'])
  heard.stdout.on('data', () => {})
  const silent = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await Promise.all([once(heard, 'close'), once(silent, 'close')])
  await new Client().launch('/nowhere/server').catch(() => {})
  await setImmediate()
  expect(launches).toBe(0)
})

test('given up, nothing is told', async () => {
  watch()
  giveUp()
  await new Client().launch(process.execPath, ['--version'])
  expect(launches).toBe(0)
})
