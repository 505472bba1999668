import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A redis-server of this test's own, on a free loopback port. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number
  readonly url: string
  /** The server's process, for tests that kill or stop it. */
  readonly pid: number
  stop(): Promise<void>
}

/**
 * Whether tests that need Redis can run. Where no redis-server is installed they are skipped with a line that says
 * how to get it; in CI that is a failure instead.
 */
export function redisAvailable(): boolean {
  const installed = spawnSync('redis-server', ['--version']).status === 0
  if (installed) return true
  const hint = 'no redis-server found; get it with: apt-get install redis-server'
  if (process.env['CI'] !== undefined) throw new Error(`${hint} (CI must have it)`)
  console.warn(`skipping the tests that need Redis: ${hint}`)
  return false
}

/** Where Debian and Ubuntu put RediSearch 1. */
const redisSearch = '/usr/lib/redis/modules/redisearch.so'

/** What a redis-server is started with to have the query engine: RediSearch 1, as its Debian package has it. */
export const withQueryEngine: readonly string[] = ['--loadmodule', redisSearch]

/** Whether tests that need Redis with its query engine can run; where they cannot it is as with Redis itself. */
export function queryEngineAvailable(): boolean {
  if (!redisAvailable()) return false
  if (existsSync(redisSearch)) return true
  const hint = `no ${redisSearch} found; get it with: apt-get install redis-redisearch`
  if (process.env['CI'] !== undefined) throw new Error(`${hint} (CI must have it)`)
  console.warn(`skipping the tests that need Redis's query engine: ${hint}`)
  return false
}

/**
 * Starts a redis-server on a free port unless one is named. It keeps nothing beyond its life, or in a folder all that
 * it has acknowledged.
 */
export async function startRedis(
  options: {
    readonly port?: number
    readonly keepIn?: string
    /** As redis-server takes them: `--cluster-enabled yes`. */
    readonly settings?: readonly string[]
  } = {},
): Promise<RedisServer> {
  const port = options.port ?? (await freePort())
  const { keepIn } = options
  const folder = keepIn ?? mkdtempSync(join(tmpdir(), 'holdfast-redis-'))
  const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder]
  settings.push(...(options.settings ?? []))
  if (keepIn !== undefined) settings.push('--appendonly', 'yes', '--appendfsync', 'always')
  const server = spawn('redis-server', settings, { stdio: 'ignore' })
  const gone = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  await answering(port)
  const stop = async (): Promise<void> => {
    server.kill('SIGKILL')
    await gone
    if (keepIn === undefined) rmSync(folder, { recursive: true, force: true })
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    pid: server.pid ?? 0,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** Resolves when PING is answered. */
async function answering(port: number): Promise<void> {
  const until = performance.now() + 10_000
  while (performance.now() < until) {
    if (await pings(port)) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`redis-server does not answer on port ${port}`)
}

/** True when whoever listens there answers PING as Redis does. */
export function pings(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write('PING\r\n'))
    socket.once('data', (reply) => {
      socket.destroy()
      resolve(reply.toString().startsWith('+PONG'))
    })
    socket.once('error', () => resolve(false))
  })
}

/** A loopback port that nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
