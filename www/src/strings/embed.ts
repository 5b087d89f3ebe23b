/** Words of the page as a small frame within another one. */

export const embed = {
  open: "Open in Shiftwise",
  next: "Next picture",
  nextShort: "Next",
  share: (share: string, pictures: number) => `${share} of ${pictures}`,
};
