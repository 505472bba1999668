import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** What a step costs more with a peer's own checkpointer than without. */
export interface PeerCost {
  readonly addedUs: number
  readonly addedCpuUs: number
}

const script = join(import.meta.dirname, '../../test/crash/peer-cost.ts')

/** LangGraph with its SqliteSaver at its most durable, measured in a process of its own. */
export async function measurePeer(rounds: number): Promise<PeerCost> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--no-warnings',
    script,
    `${rounds}`,
  ])
  return JSON.parse(stdout) as PeerCost
}
