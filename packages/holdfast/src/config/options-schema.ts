import { z } from 'zod'
import type { HoldfastOptions } from '../options.ts'

/** A duration in milliseconds; Infinity switches a timeout off. */
const milliseconds = z.union([z.number().positive(), z.literal(Infinity)])
const wholeMilliseconds = z.number().nonnegative()
const atLeastOnce = z.int().min(1)
const name = z.string().min(1)

function aFunction<F>(): z.ZodType<F> {
  return z.custom<F>((value) => typeof value === 'function', { error: 'a function' })
}
