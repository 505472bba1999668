import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { runCommand } from './run-command.ts'

async function said(...args: string[]) {
  const io = { stdout: new PassThrough(), stderr: new PassThrough() }
  const code = await runCommand(args, io)
  io.stdout.end()
  io.stderr.end()
  return { code, stdout: await text(io.stdout), stderr: await text(io.stderr) }
}

test('--help names every command', async () => {
  const { code, stdout } = await said('--help')
  expect(code).toBe(0)
  expect(stdout).toContain('holdfast lab')
  expect(stdout).toContain('holdfast/auto')
})

test('--version is the version of the package', async () => {
  expect((await said('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('an unknown command says which there are', async () => {
  const { code, stderr } = await said('labb')
  expect(code).toBe(2)
  expect(stderr).toBe(
    'holdfast: there is no command "labb"; commands: lab, runs, show, replay, resolve, prune, export, import, rekey, approvals, memory, audit, doctor\n',
  )
})

test('the lab runs until it is interrupted, and answers a model call', async () => {
  const child = spawn(
    process.execPath,
    ['--conditions=@holdfast/source', join(import.meta.dirname, 'main.ts'), 'lab'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let printed = ''
  child.stdout.setEncoding('utf8')
  const url = await new Promise<string>((resolve) => {
    child.stdout.on('data', (piece: string) => {
      printed += piece
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)
      if (found !== null) resolve(found[0])
    })
  })
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hello' }] }),
  })
  expect(response.status).toBe(200)
  await response.text()
  child.kill('SIGINT')
  const code = await new Promise((resolve) => child.once('exit', resolve))
  expect(code).toBe(0)
})
