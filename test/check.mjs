// Everything that can be said about the workspace without running its tests: format, lint, types, dead code,
// and what each package looks like to the people who install it.
import { execFileSync, spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const steps = {
  format: () => run('oxfmt', '--check'),
  lint: () => run('oxlint'),
  types: () => run('tsc', '-b'),
  build: () => run('node', 'packages/build.mjs'),
  'dead code': () => run('knip'),
  packages: checkPackages,
}

let failed = 0
for (const [name, step] of Object.entries(steps)) {
  const start = performance.now()
  const problems = step()
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(`${problems === '' ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
  if (problems !== '') {
    failed++
    console.log(problems.trimEnd())
  }
}
console.log(
  failed === 0 ? 'check: all good' : `check: ${failed} of ${Object.keys(steps).length} failed`,
)
process.exitCode = failed === 0 ? 0 : 1

/** What the command prints if it fails, else nothing. */
function run(command, ...args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  return status === 0
    ? ''
    : `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}` || `${command}: exit ${status}`
}

/** Packs each public package and looks at the tarball as a user's tools will: publint, attw, size. */
function checkPackages() {
  const sizes = JSON.parse(readFileSync(join(root, 'test/package-sizes.json'), 'utf8'))
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-pack-'))
  const problems = []
  try {
    for (const file of globSync('{packages,adapters}/*/package.json', { cwd: root })) {
      const manifest = JSON.parse(readFileSync(join(root, file), 'utf8'))
      if (manifest.private) continue
      const packed = JSON.parse(
        execFileSync('pnpm', ['pack', '--json', '--pack-destination', folder], {
          cwd: join(root, dirname(file)),
          encoding: 'utf8',
        }),
      )
      const tarball = resolve(folder, packed.filename)
      for (const [tool, ...args] of [
        ['publint', 'run', tarball, '--strict'],
        ['attw', tarball, '--profile', 'esm-only'],
      ]) {
        const said = run(tool, ...args)
        if (said !== '') problems.push(`${manifest.name}: ${tool}\n${said}`)
      }
      const kilobytes = statSync(tarball).size / 1024
      const allowed = sizes[manifest.name]
      if (allowed === undefined || kilobytes > allowed) {
        problems.push(
          `${manifest.name}: the tarball has ${kilobytes.toFixed(1)} kB, test/package-sizes.json allows ${allowed ?? 'nothing yet'}`,
        )
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return problems.join('\n')
}
