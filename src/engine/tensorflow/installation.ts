/** Where the parts of a TensorFlow lie that can be opened: our addon and the library it loads. */
export interface TensorFlowInstallation {
  /** From install/addon.ts. */
  addon: string;
  /**
   * The shared library that exports TF_* and TFE_*: libtensorflow_cc.so.2 of a wheel, libtensorflow.so.2, tensorflow.dll.
   * What it needs itself is found by its own search path.
   */
  library: string;
  /** Loaded before it, in this order, visible to all: CUDA libraries that its search path does not reach. */
  preload?: readonly string[];
}
