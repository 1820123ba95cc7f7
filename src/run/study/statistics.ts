import type { Interval } from '../../protocol/study';

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sample standard deviation (n - 1); undefined below two values. */
export function standardDeviation(values: readonly number[]): number | undefined {
  if (values.length < 2) return undefined;
  const center = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1));
}

/** 0.975 quantiles of Student's t by degrees of freedom, from 1. */
const T975 = [
  12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281, 2.201, 2.1788, 2.1604,
  2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.093, 2.086, 2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555,
  2.0518, 2.0484, 2.0452, 2.0423,
];

/** 95 % interval of the mean of normally distributed values by Student's t; undefined below two values. */
export function studentInterval(values: readonly number[]): Interval | undefined {
  const sd = standardDeviation(values);
  if (sd === undefined) return undefined;
  const degrees = values.length - 1;
  // Beyond the table: Cornish-Fisher expansion about the normal quantile (Abramowitz and Stegun 26.7.5).
  const t = T975[degrees - 1] ?? 1.959964 + 2.372271 / degrees + 2.822502 / degrees ** 2;
  const center = mean(values);
  const half = (t * sd) / Math.sqrt(values.length);
  return [center - half, center + half];
}

/**
 * 95 % percentile interval of the bootstrapped mean (Efron and Tibshirani 1993, section 13.3). Up to `resamples` ways to
 * draw are all gone through, so that few values give an exact answer; of more, `resamples` are drawn.
 * @param uniform random numbers in [0,1)
 * @returns undefined below two values
 */
export function bootstrapInterval(
  values: readonly number[],
  resamples: number,
  uniform: () => number,
): Interval | undefined {
  const n = values.length;
  if (n < 2) return undefined;
  const ways = n ** n;
  const means = new Float64Array(Math.min(ways, resamples));
  for (let r = 0; r < means.length; r++) {
    let sum = 0;
    for (let i = 0, rest = r; i < n; i++, rest = Math.floor(rest / n))
      sum += values[ways <= resamples ? rest % n : Math.floor(uniform() * n)]!;
    means[r] = sum / n;
  }
  means.sort();
  return [quantile(means, 0.025), quantile(means, 0.975)];
}

/** Linear between order statistics, as NumPy's default. */
function quantile(sorted: Float64Array, q: number): number {
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}
