import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { node } from './run-application.ts'

/** A monorepo as pnpm lays it out: two packages, each with its own version of a framework, and no Holdfast in it. */
let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'holdfast-layouts-'))
  const files = {
    'holdfast.config.mjs': `
      export default { adapters: { own: [{
        name: 'songs',
        targets: [{
          specifier: 'songs',
          file: /\\/songs\\/songs\\.c?js$/,
          attach(exports, host) {
            host.patch(exports.Singer.prototype, 'sing', (original) => function sing() {
              return 'held ' + original.call(this)
            })
          },
        }],
      }] } }`,
    'packages/one/main.mjs': `
      import { Singer } from 'songs'
      import other from '../two/index.cjs'
      console.log(JSON.stringify([new Singer().sing(), other()]))`,
    'packages/two/index.cjs': `
      const { Singer } = require('songs')
      module.exports = () => new Singer().sing()`,
    ...songs('1', 'module', 'songs.js', 'export class Singer { sing() { return "one" } }'),
    ...songs('2', 'commonjs', 'songs.cjs', 'exports.Singer = class { sing() { return "two" } }'),
  }
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  for (const [folder, version] of [
    ['one', '1'],
    ['two', '2'],
  ]) {
    await mkdir(join(root, `packages/${folder}/node_modules`))
    await symlink(store(version), join(root, `packages/${folder}/node_modules/songs`))
  }
})
afterAll(() => rm(root, { recursive: true, force: true }))

const store = (version = ''): string =>
  `../../../node_modules/.pnpm/songs@${version}/node_modules/songs`

function songs(version: string, type: string, file: string, code: string): Record<string, string> {
  const folder = `node_modules/.pnpm/songs@${version}/node_modules/songs`
  const manifest = { name: 'songs', version: `${version}.0.0`, type, exports: `./${file}` }
  return { [`${folder}/package.json`]: JSON.stringify(manifest), [`${folder}/${file}`]: code }
}

test('each package of a monorepo has its own copy, and each is held, by a Holdfast from elsewhere', async () => {
  const auto = new URL('../../packages/holdfast/src/auto.ts', import.meta.url).href
  const ended = await node(['--import', auto, join(root, 'packages/one/main.mjs')], {
    HOLDFAST_CONFIG: join(root, 'holdfast.config.mjs'),
  })
  expect(ended).toEqual({ code: 0, stdout: '["held one","held two"]\n', stderr: '' })
})
