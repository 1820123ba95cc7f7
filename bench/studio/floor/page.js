const host = acquireVsCodeApi();
addEventListener('message', ({ data: { size, pixels } }) => {
  const canvas = document.querySelector('canvas');
  [canvas.width, canvas.height] = size;
  canvas.getContext('2d').putImageData(new ImageData(new Uint8ClampedArray(pixels), ...size), 0, 0);
});
const readout = document.querySelector('.readout');
addEventListener('pointermove', ({ clientX, clientY }) => {
  readout.textContent = `${clientX}, ${clientY}`;
});
host.postMessage('ready');
