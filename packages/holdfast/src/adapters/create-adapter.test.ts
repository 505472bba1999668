import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAdapter } from './create-adapter.ts'
import { prototypeOf } from './prototype-of.ts'

const packages = join(import.meta.dirname, '../..')
let folder: string

/** The framework of the documentation, and the adapter that the documentation writes for it. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-own-'))
  const classes = `
    class Toolbox {
      describe(name) { return name + ' of acme' }
      async use(name, given) { return name + ' did ' + JSON.stringify(given) }
    }
    class Agent {
      constructor(name) { this.name = name }
      async ask(text, options) { return new Toolbox().use('lookup', { text }) }
    }`
  const page = await readFile(join(packages, '../../docs/adapters/your-own.md'), 'utf8')
  const [, config = ''] = /```js\n([^`]*createAdapter[^`]*)```/.exec(page) ?? []
  const files: Record<string, string> = {
    'node_modules/acme/package.json': JSON.stringify({
      name: 'acme',
      type: 'module',
      exports: { import: './dist/index.js', require: './dist/index.cjs' },
    }),
    'node_modules/acme/dist/index.js': `${classes}\nexport { Toolbox, Agent }`,
    'node_modules/acme/dist/index.cjs': `${classes}\nmodule.exports = { Toolbox, Agent }`,
    'holdfast.config.mjs': config.replace(
      'adapters: {',
      `telemetry: false,
       interceptors: { tool: [(call, next) => {
         globalThis.seen.push([call.name, call.arguments, call.framework, call.description, call.run?.agent, call.run?.session])
         return call.arguments.text === 'no' ? { value: 'refused' } : call.arguments.text === 'other' ? next({ ...call, arguments: { text: 'changed' } }) : next(call)
       }] },
       adapters: {`,
    ),
    'play.cjs': `
      globalThis.seen = []
      exports.play = async ({ Agent }) => {
        const agent = new Agent('ada')
        const answers = []
        for (const text of ['yes', 'no', 'other']) answers.push(await agent.ask(text, { thread: 't1' }))
        console.log(JSON.stringify({ answers, seen }))
      }`,
    'esm.mjs': `import './play.cjs'\nimport * as acme from 'acme'\nimport { play } from './play.cjs'\nawait play(acme)`,
    'cjs.cjs': `require('./play.cjs').play(require('acme'))`,
  }
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    await mkdir(join(path, '..'), { recursive: true })
    await writeFile(path, text)
  }
  await symlink(packages, join(folder, 'node_modules/holdfast'))
})

afterAll(async () => rm(folder, { recursive: true }))

test.each(['esm.mjs', 'cjs.cjs'])(
  "the documentation's adapter covers its framework: %s",
  async (entry) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@holdfast/source', '--no-warnings', '--import', 'holdfast/auto', entry],
      { cwd: folder, env: { PATH: process.env['PATH'] } },
    )
    const seen = (text: string) => ['lookup', { text }, 'acme', 'lookup of acme', 'ada', 't1']
    expect(JSON.parse(stdout)).toEqual({
      answers: ['lookup did {"text":"yes"}', 'refused', 'lookup did {"text":"changed"}'],
      seen: [seen('yes'), seen('no'), seen('other')],
    })
  },
)

test('a description without a method, and a module without the class, are told', () => {
  expect(() => createAdapter({ name: 'acme', file: /x/ })).toThrow(/names neither tools nor runs/)
  const { targets } = createAdapter({
    name: 'acme',
    file: /x/,
    runs: [{ class: 'Agent', method: 'ask', hint: () => ({}) }],
  })
  expect(() => targets[0]?.attach({}, { prototypeOf } as never)).toThrow('exports no class Agent')
})
