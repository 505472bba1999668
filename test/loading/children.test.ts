import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLab } from '@holdfast/lab'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { node } from './run-application.ts'

const holdfast = ['--import', 'holdfast/auto']
const inherited = { NODE_OPTIONS: '--conditions=@holdfast/source --import holdfast/auto' }

vi.setConfig({ testTimeout: 90_000 })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-children-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A configuration of its own, with everything that opens a file. */
async function stores(
  name: string,
): Promise<{ readonly env: Record<string, string>; readonly files: string[] }> {
  const file = (suffix: string) => join(folder, `${name}-${suffix}`)
  const files = ['journal.db', 'limits.db', 'memory.db', 'audit'].map(file)
  const [journal, limits, memory, audit] = files
  const options = {
    journal: { store: journal },
    store: `sqlite:${limits}`,
    memory: { store: memory },
    audit: { folder: audit },
    security: true,
    tools: 'guarded',
  }
  await writeFile(file('config.json'), JSON.stringify(options))
  return { env: { HOLDFAST_CONFIG: file('config.json') }, files }
}

test('children and threads are held too; nothing is printed and nothing is opened by who calls no model', async () => {
  const { env, files } = await stores('idle')
  const ended = await node(['family.mjs'], { ...inherited, ...env })
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  expect(JSON.parse(ended.stdout)).toEqual({
    child: 'true',
    threads: [true, true],
    code: 0,
  })
  expect(files.filter((file) => existsSync(file))).toEqual([])
})

test('threads that call at once write to one journal, each call once', async () => {
  const { env, files } = await stores('busy')
  await using lab = await startLab({ script: { text: 'Hello' } })
  const ended = await node(['threads.mjs'], { ...inherited, ...env, LAB_URL: lab.baseUrls.openai })
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  expect(lab.requests).toHaveLength(6)
  const listed = await node(['list-calls.mjs', files[0] ?? ''])
  expect(listed).toMatchObject({ code: 0, stderr: '', stdout: '6\n' })
})

test('a store that cannot be used fails the call that needs it, and says why', async () => {
  await using lab = await startLab({ script: { text: 'Hello' } })
  const env = { LAB_URL: lab.baseUrls.openai, HOLDFAST_JOURNAL: '/dev/null/journal.db' }
  const { stdout } = await node([...holdfast, 'call.mjs'], env)
  expect(stdout).toMatch(/STORE_UNUSABLE|EEXIST/)
  expect(lab.requests).toEqual([])
})
