export { bypass, capture } from './capture.ts'
export type { Capture, CaptureOptions } from './capture.ts'
export { capturedFetch } from './captured-fetch.ts'
export type { CaptureReport, LayerReport, PassingReport } from './report.ts'
