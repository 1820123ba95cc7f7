/**
 * Poly schedule, updated every iteration, without warm-up: `base * (1 - (iteration - 1) / max) ** power`.
 * `iteration` counts from 1 to `max`. Source: CIRKD, train scripts (power 0.9).
 */
export function polyLearningRate(base: number, iteration: number, max: number, power: number): number {
  return base * (1 - (iteration - 1) / max) ** power;
}
