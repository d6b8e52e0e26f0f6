// A camera that shows a face: Firefox's own fake camera plays no file.
const face = new Image();
face.src = "data:image/jpeg;base64,PICTURE";

navigator.mediaDevices.getUserMedia = async () => {
  await face.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [640, 480];
  const context = canvas.getContext("2d");
  const draw = () => {
    const turn = performance.now() / 2000;
    context.drawImage(face, 12 * Math.sin(turn) - 16, 8 * Math.cos(turn) - 12, 672, 504);
  };
  setInterval(draw, 50);
  draw();
  return canvas.captureStream(20);
};
