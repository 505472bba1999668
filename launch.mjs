// Runs a command of this workspace with everything it needs: `node launch.mjs vitest run`.
// On a machine that has only git, Node >= 20 and npm, the first call installs pnpm, the dependencies
// and Node 24 (all from the npm registry); later calls see that nothing has changed and start at once.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const bin = join(root, 'node_modules', '.bin')
const stamp = join(root, 'node_modules', '.holdfast-setup')
const windows = process.platform === 'win32'

setUp()
run(process.argv.slice(2))

function setUp() {
  const hash = createHash('sha256')
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) {
    hash.update(readFileSync(join(root, file)))
  }
  const wanted = hash.digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(bin)) return

  console.error('Setting up: pnpm, dependencies and Node 24 from the npm registry (once) ...')
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  // Its warnings are about Node versions and packages of others: nobody has to do anything about them.
  const install = ['pnpm', 'install', '--frozen-lockfile', '--loglevel=error']
  const { status } = spawnSync(
    'npm',
    ['exec', '--yes', `--package=pnpm@${devDependencies.pnpm}`, '--', ...install],
    {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: windows,
      env: { ...process.env, CI: process.env.CI ?? 'true' },
    },
  )
  if (status !== 0) {
    console.error('Set-up failed; the lines above say why. Run the same command again to retry.')
    process.exit(status ?? 1)
  }
  writeFileSync(stamp, wanted)
}

function run([command, ...args]) {
  const env = { ...process.env, PATH: bin + delimiter + process.env.PATH }
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', shell: windows, env })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`${command}: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal ? 1 : 0)
    process.exit()
  })
}
