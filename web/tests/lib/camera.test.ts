import { expect, test } from "vitest";
import { DeviceCamera, GivenCamera, listCameras } from "../../src/lib/camera.js";
import { FakeTrack, streamOf } from "../fakes/media.js";

const never = new AbortController().signal;

class FakeDevices {
  readonly asked: MediaStreamConstraints[] = [];
  readonly tracks: FakeTrack[] = [];
  failure: DOMException | null = null;
  #grant: Promise<void> = Promise.resolve();

  /** From now on a prompt stays open until the returned function is called. */
  holdPrompt(): () => void {
    let grant: () => void = () => undefined;
    this.#grant = new Promise((resolve) => {
      grant = resolve;
    });
    return grant;
  }

  async getUserMedia(constraints: MediaStreamConstraints): Promise<MediaStream> {
    this.asked.push(constraints);
    await this.#grant;
    if (this.failure) throw this.failure;
    const track = new FakeTrack();
    this.tracks.push(track);
    return streamOf(track);
  }

  async enumerateDevices(): Promise<Partial<MediaDeviceInfo>[]> {
    return [
      { kind: "audioinput", deviceId: "m" },
      { kind: "videoinput", deviceId: "a" },
      { kind: "videoinput", deviceId: "b" },
    ];
  }
}

function cameraOf(devices: FakeDevices | undefined, secure = true): DeviceCamera {
  return new DeviceCamera(
    { mediaDevices: devices as unknown as MediaDevices, secure },
    10,
    undefined,
  );
}

test("asks for VGA at ten pictures a second, and for no sound", async () => {
  const devices = new FakeDevices();
  await cameraOf(devices).open(never);
  expect(devices.asked[0]).toMatchObject({
    audio: false,
    video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { max: 10 } },
  });
});

test("opens the chosen device", async () => {
  const devices = new FakeDevices();
  const camera = cameraOf(devices);
  camera.choose("b");
  await camera.open(never);
  expect(devices.asked[0]?.video).toMatchObject({ deviceId: { exact: "b" } });
});

test("says what is wrong, by reason", async () => {
  const devices = new FakeDevices();
  devices.failure = new DOMException("…", "NotAllowedError");
  await expect(cameraOf(devices).open(never)).rejects.toMatchObject({
    reason: "permission_denied",
  });
  await expect(cameraOf(undefined, false).open(never)).rejects.toMatchObject({
    reason: "insecure_page",
  });
  await expect(cameraOf(undefined).open(never)).rejects.toMatchObject({ reason: "unsupported" });
});

test("a camera that is allowed after all was stopped is let go", async () => {
  const devices = new FakeDevices();
  const grant = devices.holdPrompt();
  const stop = new AbortController();
  const opened = cameraOf(devices).open(stop.signal);
  stop.abort(new Error("enough"));
  await expect(opened).rejects.toThrow("enough");
  grant();
  await expect.poll(() => devices.tracks[0]?.readyState).toBe("ended");
});

test("limits the rate of the open camera and of the next one", async () => {
  const devices = new FakeDevices();
  const camera = cameraOf(devices);
  await camera.open(never);
  await camera.limit(5);
  expect(devices.tracks[0]?.constraints[0]).toMatchObject({ frameRate: { max: 5 } });
  await camera.open(never);
  expect(devices.asked[1]?.video).toMatchObject({ frameRate: { max: 5 } });
});

test("stops the old camera before it opens the next, and all when closed", async () => {
  const devices = new FakeDevices();
  const camera = cameraOf(devices);
  await camera.open(never);
  await camera.open(never);
  expect(devices.tracks.map(({ readyState }) => readyState)).toEqual(["ended", "live"]);
  camera.close();
  expect(devices.tracks[1]?.readyState).toBe("ended");
  expect(camera.stream).toBeNull();
});

test("a stream of the page's own is never stopped", async () => {
  const track = new FakeTrack();
  const camera = new GivenCamera(streamOf(track));
  expect(await camera.open()).toBe(track);
  camera.close();
  expect(track.readyState).toBe("live");
  track.unplug();
  await expect(camera.open()).rejects.toMatchObject({ reason: "camera_lost" });
});

test("a stream without video is no camera", async () => {
  await expect(new GivenCamera(streamOf()).open()).rejects.toMatchObject({ reason: "no_camera" });
});

test("only cameras are listed", async () => {
  const cameras = await listCameras(new FakeDevices() as unknown as MediaDevices);
  expect(cameras.map(({ deviceId }) => deviceId)).toEqual(["a", "b"]);
  expect(await listCameras(undefined)).toEqual([]);
});
