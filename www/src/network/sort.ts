/** Rows of a table in the order of one of its columns. */

export interface Order {
  column: number;
  descending: boolean;
}

type Cell = number | string | undefined;

/** Sorted by a column; unknown values come last either way, and equals keep their order. */
export function sorted<T>(rows: readonly T[], cell: (row: T, column: number) => Cell, order: Order): T[] {
  const sign = order.descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [cell(a, order.column), cell(b, order.column)];
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined);
    return x < y ? -sign : x > y ? sign : 0;
  });
}

/** The order after a press on a heading: up first, then down. */
export function pressed(order: Order, column: number): Order {
  return { column, descending: order.column === column && !order.descending };
}
