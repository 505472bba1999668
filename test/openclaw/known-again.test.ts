import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string
let lab: Lab

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-known-again-'))
  lab = await startLab({ script: () => ({ text: 'Well.' }) })
  const adapter = new URL('../../adapters/openclaw/src/index.ts', import.meta.url).href
  const files = {
    'holdfast.config.mjs': `
      import { adapter } from '${adapter}'
      const journal = { store: '${join(folder, 'journal.db')}' }
      export default { telemetry: false, journal, adapters: { own: [adapter] } }`,
    'turn.mjs': `
      import { run } from '${import.meta.resolve('holdfast')}'
      await run({ session: 'agent:main:s', agent: 'main' }, async () => {
        const headers = { 'content-type': 'application/json' }
        const init = { method: 'POST', headers, body: process.argv[2] }
        await (await fetch('${lab.baseUrls.openai}/chat/completions', init)).json()
        process.kill(process.pid, 'SIGKILL')
      })`,
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
})

afterEach(async () => {
  await lab.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Turn {
  readonly day: string
  readonly host: string
  readonly sessionId: string
  readonly message?: string
}

/** A turn as OpenClaw asks for it, in a process that is killed once it has its reply. */
async function killedTurn({ day, host, sessionId, message = 'Begin.' }: Turn): Promise<void> {
  const place = `session=agent:main:s | sessionId=${sessionId} | host=${host} | repo=/data`
  const messages = [
    { role: 'system', content: `You help.\nCurrent date: ${day.slice(4)}\nTime zone: UTC` },
    { role: 'user', content: `[${day} 23:59 UTC] ${message}\n\nRuntime: agent=main | ${place}` },
  ]
  const flags = ['--conditions=@holdfast/source', '--no-warnings', '--import']
  const auto = import.meta.resolve('holdfast/auto')
  const body = JSON.stringify({ model: 'gpt-lab', messages })
  const child = spawn(process.execPath, [...flags, auto, join(folder, 'turn.mjs'), body], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  expect(await once(child, 'close')).toEqual([null, 'SIGKILL'])
}

test('a turn that was killed is known again on another day in another container, and no other turn is', async () => {
  await killedTurn({ day: 'Sun 2026-11-22', host: 'a1', sessionId: '56061006-1b96-498d' })
  await killedTurn({ day: 'Mon 2026-11-23', host: 'b2', sessionId: 'feeddd52-1d14-4eaa' })
  expect(lab.requests).toHaveLength(1)
  await killedTurn({ day: 'Mon 2026-11-23', host: 'b2', sessionId: '1', message: 'Begin again.' })
  expect(lab.requests).toHaveLength(2)
})
