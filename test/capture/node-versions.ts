import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A Node to run programs on. */
export interface NodeVersion {
  readonly major: number
  readonly binary: string
}

const all: readonly NodeVersion[] = [22, 24, 26].map((major) => ({
  major,
  binary: fileURLToPath(new URL(`../node_modules/node-${major}/bin/node`, import.meta.url)),
}))

/** The Node versions that this machine has; says which are missing. */
export const nodeVersions: readonly NodeVersion[] = all.filter(({ major, binary }) => {
  const there = existsSync(binary)
  if (!there)
    console.log(`Node ${major}: no binary for this platform (package node-${major}), skipped`)
  return there
})

/** Runs a program of this folder and gives what it printed last, parsed. */
export async function runProgram(
  { binary }: NodeVersion,
  program: string,
  args: readonly string[] = [],
  nodeOptions: readonly string[] = [],
): Promise<unknown> {
  const path = fileURLToPath(new URL(program, import.meta.url))
  const conditions = [
    '--conditions=@holdfast/source',
    '--expose-gc',
    '--disable-warning=ExperimentalWarning',
  ]
  const output = await new Promise<string>((resolve, reject) => {
    const argv = [...conditions, ...nodeOptions, path, ...args]
    const options = { maxBuffer: 64 * 1024 * 1024, timeout: 120_000, env: childEnvironment() }
    execFile(binary, argv, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else
        reject(
          new Error(`${program} ${args.join(' ')} failed: ${stderr || stdout || error.message}`),
        )
    })
  })
  return JSON.parse(output.trimEnd().split('\n').at(-1) ?? '') as unknown
}

/** A test runner's own settings are not for the programs under test. */
function childEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, VITEST: __, ...rest } = process.env
  return rest
}
