// The camera as a source of pictures: a fake one, and one that is refused.

import type { Locator, Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    const fake = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
    await use({ ...launchOptions, args: [...(launchOptions.args ?? []), ...fake] });
  },
});

const section = (page: Page): Locator => page.getByRole("region", { name: "Many pictures" });
const cells = (page: Page): Locator => page.locator("sw-grid button.cell");

async function open(page: Page): Promise<void> {
  await page.goto("");
  await expect(cells(page).first()).toBeVisible();
}

test("the camera gives pictures, and is off when done", async ({ page }) => {
  await open(page);
  await section(page).getByRole("button", { name: "Use the camera" }).click();
  const dialog = page.getByRole("dialog", { name: "Camera" });
  await dialog.getByRole("button", { name: "Take a picture" }).click();
  await expect(dialog.getByText("1 picture taken")).toBeVisible({ timeout: 30_000 });
  const video = dialog.locator("video");
  const track = await video.evaluateHandle((one: HTMLVideoElement) => (one.srcObject as MediaStream).getTracks()[0]);
  expect(await track.evaluate((one) => one?.readyState)).toBe("live");
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toBeHidden();
  expect(await track.evaluate((one) => one?.readyState)).toBe("ended");
  await expect(cells(page)).toHaveCount(1);
  await expect(cells(page)).toHaveAttribute("aria-label", /^camera 1.png: Float/);
});

test("a camera that is refused gets one sentence", async ({ page }) => {
  await page.addInitScript(() => {
    const refuse = () => Promise.reject(new DOMException("denied", "NotAllowedError"));
    Object.defineProperty(navigator, "mediaDevices", { value: { getUserMedia: refuse } });
  });
  await open(page);
  await section(page).getByRole("button", { name: "Use the camera" }).click();
  const dialog = page.getByRole("dialog", { name: "Camera" });
  await expect(dialog.getByText("The camera was not allowed.")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Take a picture" })).toBeDisabled();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
});
