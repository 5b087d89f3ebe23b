/** How long a mask's list of classes is. Apart from the mask itself, which is loaded when there is one. */

/** As many as the best classes of a classifier. */
export const MOST_LISTED = 5;

/** Rows of the list of so many classes: the last one sums up those that are not listed. */
export const rows = (classes: number) => Math.min(classes, MOST_LISTED + 1);
