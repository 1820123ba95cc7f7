/** A row-major map of values, one or more per pixel. */
export interface Plane<T extends Uint8Array | Float32Array> {
  width: number;
  height: number;
  data: T;
}
export type BytePlane = Plane<Uint8Array>;
export type FloatPlane = Plane<Float32Array>;
