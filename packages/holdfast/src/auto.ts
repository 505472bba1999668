// `node --import holdfast/auto app.js`: one line on the command line instead of one in the code.
// Options come from holdfast.config.*; HOLDFAST=off leaves the process alone.
import { instrumentPreloaded } from './instrument.ts'

if (process.env['HOLDFAST'] !== 'off') instrumentPreloaded()
