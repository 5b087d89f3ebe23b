import { expect, it } from "vitest";
import { openCamera } from "./camera";

function devices(getUserMedia: (wanted: MediaStreamConstraints) => Promise<unknown>): MediaDevices {
  return { getUserMedia } as unknown as MediaDevices;
}

it("asks for pictures alone, never for sound", async () => {
  const stream = {};
  let asked: MediaStreamConstraints | undefined;
  const opened = openCamera(devices((wanted) => ((asked = wanted), Promise.resolve(stream))));
  await expect(opened).resolves.toBe(stream);
  expect(asked?.audio).toBe(false);
});

it("says in one sentence why there is no camera", async () => {
  const failing = (name: string) => devices(() => Promise.reject(new DOMException("broken", name)));
  await expect(openCamera(failing("NotAllowedError"))).rejects.toThrow(/not allowed/);
  await expect(openCamera(failing("NotFoundError"))).rejects.toThrow(/No camera was found/);
  await expect(openCamera(failing("NotReadableError"))).rejects.toThrow(/did not start: broken/);
  await expect(openCamera({} as MediaDevices)).rejects.toThrow(/gives no camera here/);
});
