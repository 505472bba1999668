import { randomUUID } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import type { LeaseOwner } from '@holdfast/core'

/** This process as the owner of runs. */
export const thisProcess: LeaseOwner = Object.freeze({
  id: randomUUID(),
  host: [hostname(), bootId(), pidNamespace()].join(' '),
  pid: process.pid,
  started: startOf(process.pid),
})

/**
 * True for an owner that certainly runs no longer: it ran on this machine, under this boot, and its pid is free or
 * somebody else's. Of other machines only the lease tells.
 */
export function isGone(owner: LeaseOwner): boolean {
  if (owner.host !== thisProcess.host) return false
  if (owner.id === thisProcess.id) return false
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
  const started = startOf(owner.pid)
  return started !== '' && owner.started !== '' && started !== owner.started
}

function bootId(): string {
  return readText('/proc/sys/kernel/random/boot_id').trim()
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

/** When a process began, in clock ticks since the boot; empty where the system does not say. */
function startOf(pid: number): string {
  const stat = readText(`/proc/${pid}/stat`)
  // The name, in parentheses, may hold anything; state is the first field after it, the start the twentieth.
  // https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html (2026-11-21)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // A dead process that nobody has waited for is gone all the same.
  return fields[0] === 'Z' || fields[0] === 'X' ? 'dead' : (fields[19] ?? '')
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
