/** A paid order on its way through the queue. */
export interface Order {
  id: string;
  /** When it was paid, ms of the wall clock. */
  at: number;
  lines: { product: string; price: number }[];
}

/** An order in the books. */
export interface Booked extends Order {
  /** ms of the wall clock. */
  bookedAt: number;
}

/** The last orders that were booked, the newest on the right, for whoever follows the books; and how many there were ever. */
export const BOOKS = 'books';
export const BOOKS_TOTAL = 'books:total';
export const BOOKS_KEPT = 20_000;

/** The list that orders are taken from: the oldest is on the left. */
export const ORDERS = 'orders';
/** Orders that were put aside. */
export const PARKED = 'orders:parked';
/** Those that one worker has taken and not booked yet. */
export const takenBy = (worker: string): string => `orders:taken:${worker}`;

export function parseOrder(text: string): Order {
  return JSON.parse(text) as Order;
}
