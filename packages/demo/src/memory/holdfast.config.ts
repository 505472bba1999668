// What Holdfast reads in the agents' working folder. The demo sets HOLDFAST_MEMORY to a file of its own.
import type { HoldfastOptions } from 'holdfast'

const options: HoldfastOptions = {
  memory: true,
  // These agents work for one person. A server says it call by call: run({ user }, ...).
  run: { user: 'ada' },
}

export default options
