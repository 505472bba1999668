// The same in a bundle, where there is nothing beside this file to be loaded later.
import { instrument } from './instrument.ts'

if (process.env['HOLDFAST'] !== 'off') instrument()
