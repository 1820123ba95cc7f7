declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  /** One decoder holds one image: fill `getEncodedBuffer`, `decode`, copy `getDecodedBuffer`. */
  interface JPEGDecoder {
    getEncodedBuffer(length: number): Uint8Array;
    getDecodedBuffer(): Uint8ClampedArray;
    readHeader(): void;
    decode(): void;
    getFrameInfo(): { width: number; height: number; componentCount: number };
    delete(): void;
  }
  interface TurboJpeg {
    JPEGDecoder: new () => JPEGDecoder;
  }
  function load(options: { wasmBinary: Uint8Array }): Promise<TurboJpeg>;
  export = load;
}
