/** The camera as a source of pictures. Frames are looked at only when somebody asks for one. */

import { EngineError } from "../engine/errors";
import { text } from "../strings";

const words = text.many.camera;

/** Asks for a camera; rejects with one sentence when there is none to be had. */
export async function openCamera(devices: MediaDevices | undefined = navigator.mediaDevices): Promise<MediaStream> {
  // Absent where the page is not served securely.
  if (!devices?.getUserMedia) throw new Error(words.absent);
  try {
    return await devices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  } catch (thrown) {
    throw new Error(reasonOf(thrown));
  }
}

function reasonOf(thrown: unknown): string {
  const name = thrown instanceof Error ? thrown.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return words.refused;
  if (name === "NotFoundError" || name === "OverconstrainedError") return words.missing;
  return words.failed(thrown instanceof Error ? thrown.message : String(thrown));
}

export function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** The frame that is being shown, as a picture file. */
export async function takePicture(video: HTMLVideoElement, name: string): Promise<File> {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) throw EngineError.of("bad-image", words.failed(words.starting), "");
  return new File([blob], name, { type: "image/png" });
}
