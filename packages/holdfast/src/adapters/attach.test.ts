import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadHooksAreSafe } from './watch-modules.ts'

// Modules are loaded once per process, so every test has one of its own.
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-attach-'))
  const files: Record<string, string> = {
    'node_modules/crewish/package.json': JSON.stringify({
      name: 'crewish',
      version: '1.0.0',
      exports: { import: './team.mjs', require: './team.cjs' },
    }),
    // The last line is a comment without a line break, as bundlers leave it.
    'node_modules/crewish/team.mjs': `
      export const order = globalThis.first ?? 'too early'
      export class Team { start() { return 'bare' } }
      //# sourceMappingURL=team.mjs.map`,
    'node_modules/crewish/team.cjs': `
      exports.Team = class Team { start() { return 'bare' } }
      //# sourceMappingURL=team.cjs.map`,
    'node_modules/songs/package.json': JSON.stringify({
      name: 'songs',
      version: '1.0.0',
      exports: { import: './songs.mjs', require: './songs.cjs' },
    }),
    'node_modules/songs/songs.mjs': `
      function hum() { return 'bare' }
      export function sing() { return hum() }
      export class Singer { start() { return sing() } }`,
    'node_modules/songs/songs.cjs': `
      function hum() { return 'bare' }
      function sing() { return hum() }
      class Singer { start() { return sing() } }
      Object.defineProperties(exports, { sing: { get: () => sing }, Singer: { get: () => Singer } })`,
    'first.mjs': `globalThis.first = 'in order'`,
    'on.mjs': `
      import { attachAdapters } from ${JSON.stringify(new URL('attach.ts', import.meta.url).href)}
      import { MethodPatches } from ${JSON.stringify(new URL('patch.ts', import.meta.url).href)}
      const patches = new MethodPatches()
      const host = { reliability: true, patch: (...all) => patches.patch(...all), tool: (start, run) => run(), run: (hint, work) => work() }
      const crewish = {
        name: 'crewish',
        targets: [{
          specifier: 'crewish',
          file: /\\/crewish\\/team\\.[mc]js$/,
          attach(exports, given) {
            if (process.env.UNKNOWN) throw new TypeError('no class Team')
            given.patch(exports.Team.prototype, 'start', (original) => function start() { return 'held ' + original.call(this) })
          },
        }, {
          specifier: 'songs',
          file: /\\/songs\\/songs\\.[mc]js$/,
          functions: ['hum', 'sing', 'whistle'],
          attach(exports, given, functions) {
            if (functions === undefined) throw new TypeError('loaded earlier')
            for (const name of ['hum', 'sing']) given.patch(functions, name, (original) => () => name + ' ' + original())
            given.patch(functions, 'whistle', (original) => original)
          },
        }],
      }
      export const on = () => (globalThis.attached = attachAdapters({ host, own: [crewish], without: [] }))
      export const off = () => { attached.release(); patches.release() }
      export const tell = (value) => console.log(JSON.stringify(value))
    `,
    'preload.mjs': `import { on } from './on.mjs'; on()`,
    'on-first.mjs': `import { on } from './on.mjs'; on()`,
  }
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    await mkdir(join(path, '..'), { recursive: true })
    await writeFile(path, text)
  }
})

afterAll(async () => rm(folder, { recursive: true }))

async function run(
  name: string,
  source: string,
  env: object = {},
  args: string[] = [],
): Promise<unknown> {
  await writeFile(join(folder, name), source)
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@holdfast/source', '--no-warnings', ...args, name],
    { cwd: folder, env: { PATH: process.env['PATH'], ...env } },
  )
  return JSON.parse(stdout)
}

const preload = ['--import', './preload.mjs']

describe('before the framework is loaded', () => {
  test.each([
    ['esm', `import { sing, Singer } from 'songs'`],
    [
      'cjs',
      `import { createRequire } from 'node:module'
      const songs = createRequire(import.meta.url)('songs')
      const { Singer } = songs
      const sing = () => songs.sing()`,
    ],
  ])('functions are held too, for whoever calls them, and given back: %s', async (_, loading) => {
    const told = await run(
      `functions-${_}.mjs`,
      `${loading}
       import { off, tell } from './on.mjs'
       const [{ failed }] = attached.report()
       const held = [sing(), new Singer().start()]
       off()
       tell([held, sing(), new Singer().start(), failed])`,
      {},
      preload,
    )
    expect(told).toEqual([
      ['sing hum bare', 'sing hum bare'],
      'bare',
      'bare',
      [{ module: expect.stringMatching(/^songs/), why: 'there is no method whistle to patch' }],
    ])
  })

  test('a team that starts in the first line is held, and imports keep their order', async () => {
    const told = await run(
      'a.mjs',
      `import './first.mjs'
       import { order, Team } from 'crewish'
       const started = new Team().start()
       console.log(JSON.stringify([order, started, attached.report()]))`,
      {},
      preload,
    )
    expect(told).toEqual([
      'in order',
      'held bare',
      [{ adapter: 'crewish', attached: ['crewish/team.mjs'], failed: [] }],
    ])
  })

  test('both copies are held where both are loaded', async () => {
    const told = await run(
      'b.mjs',
      `import { createRequire } from 'node:module'
       import { Team } from 'crewish'
       const required = createRequire(import.meta.url)('crewish')
       console.log(JSON.stringify([new Team().start(), new required.Team().start(), attached.report()[0].attached]))`,
      {},
      preload,
    )
    expect(told).toEqual(['held bare', 'held bare', ['crewish/team.mjs', 'crewish/team.cjs']])
  })

  test('a module that is not as expected is in the report, and works as it would alone', async () => {
    const told = await run(
      'c.mjs',
      `import { Team } from 'crewish'
       console.log(JSON.stringify([new Team().start(), attached.report()]))`,
      { UNKNOWN: '1' },
      preload,
    )
    expect(told).toEqual([
      'bare',
      [
        {
          adapter: 'crewish',
          attached: [],
          failed: [{ module: 'crewish/team.mjs', why: 'no class Team' }],
        },
      ],
    ])
  })
})

describe('after the framework is loaded', () => {
  test('a team that was made before is held in the next line, and the other copy is not loaded', async () => {
    const told = await run(
      'd.mjs',
      `import { Team } from 'crewish'
       import { off, on, tell } from './on.mjs'
       const team = new Team()
       const alone = team.start()
       on()
       const held = team.start()
       const { attached: files } = attached.report()[0]
       off()
       tell([alone, held, files, team.start()])`,
    )
    expect(told).toEqual(['bare', 'held bare', ['crewish/team.mjs'], 'bare'])
  })

  test('the same in CommonJS', async () => {
    const told = await run(
      'e.cjs',
      `const { Team } = require('crewish')
       const { off, on, tell } = require('./on.mjs')
       const team = new Team()
       on()
       const held = team.start()
       const { attached: files } = attached.report()[0]
       off()
       tell([held, files, team.start()])`,
    )
    expect(told).toEqual(['held bare', ['crewish/team.cjs'], 'bare'])
  })

  test('put on by the first import of the main file, it lets the others have their turn', async () => {
    const told = await run(
      'f.mjs',
      `import './on-first.mjs'
       import './first.mjs'
       import { order, Team } from 'crewish'
       await new Promise((resolve) => setImmediate(resolve))
       console.log(JSON.stringify([order, new Team().start()]))`,
    )
    expect(told).toEqual(['in order', 'held bare'])
  })

  test('where the engine may not be asked, the report says what to do', async () => {
    const told = await run(
      'g.mjs',
      `import { Team } from 'crewish'
       import { on, tell } from './on.mjs'
       on()
       tell([new Team().start(), attached.report().flatMap(({ failed }) => failed)])`,
      {},
      ['--permission', '--allow-fs-read=*'],
    )
    expect(told).toEqual([
      'bare',
      [
        {
          module: 'ES modules loaded before instrument()',
          why: expect.stringContaining('--import holdfast/auto') as string,
        },
      ],
    ])
  })
})

test('where load hooks are not safe, modules are found a moment later', async () => {
  const watching = `
    import { watchModules } from ${JSON.stringify(new URL('watch-modules.ts', import.meta.url).href)}
    const watch = watchModules({
      wants: (url) => url.includes('/crewish/team.'),
      functionsOf: () => [],
      loaded: (url, { Team }) => { Team.prototype.start = () => 'held' },
    }, false)
    const turn = () => new Promise((resolve) => setTimeout(resolve, 5))`
  const imported = await run(
    'h.mjs',
    `${watching}
     const { Team } = await import('crewish')
     await turn()
     watch.stop()
     console.log(JSON.stringify(new Team().start()))`,
  )
  const required = await run(
    'i.mjs',
    `${watching}
     import { createRequire } from 'node:module'
     const { Team } = createRequire(import.meta.url)('crewish')
     await turn()
     console.log(JSON.stringify(new Team().start()))`,
  )
  expect([imported, required]).toEqual(['held', 'held'])
})

test.each([
  ['22.19.0', false],
  ['22.22.2', false],
  ['22.22.3', true],
  ['23.11.0', false],
  ['24.5.0', false],
  ['24.11.0', false],
  ['24.11.1', true],
  ['25.0.0', false],
  ['25.1.0', true],
  ['26.0.0', true],
])('load hooks on Node %s are safe: %s', (version, safe) => {
  expect(loadHooksAreSafe(version)).toBe(safe)
})
