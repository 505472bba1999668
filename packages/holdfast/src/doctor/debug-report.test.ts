import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startLab } from '@holdfast/lab'
import { expect, test } from 'vitest'

const auto = new URL('../auto.ts', import.meta.url).href

async function run(source: string, env: object = {}) {
  return promisify(execFile)(
    process.execPath,
    [
      '--conditions=@holdfast/source',
      '--no-warnings',
      '--import',
      auto,
      '--input-type=module',
      '--eval',
      source,
    ],
    { env: { PATH: process.env['PATH'], ...env } },
  )
}

test('HOLDFAST_DEBUG prints what a process covers when it ends, and nothing else ever does', async () => {
  await using lab = await startLab({ script: () => ({ text: 'hello' }) })
  const ask = `await fetch('${lab.url}/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }] }),
  }).then((response) => response.text())`
  const { stderr, stdout } = await run(ask, { HOLDFAST_DEBUG: '1' })
  expect(stderr).toMatch(/^holdfast \d+: calls {2}1 caught at 127\.0\.0\.1:\d+ \(openai-chat\)\n$/)
  expect(stdout).toBe('')
  const idle = await run('', { HOLDFAST_DEBUG: '1' })
  expect(idle.stderr).toMatch(/^holdfast \d+: nothing is seen yet\n$/)
  expect(await run(ask)).toEqual({ stdout: '', stderr: '' })
})
