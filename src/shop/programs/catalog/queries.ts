/** What the catalog asks; the tables are made by the manifest of the database. */
export const sql = {
  // What sells best is counted over all orders of a month: that is read once an hour.
  menu: `SELECT p.id, p.name, p.category, p.cents, coalesce(s.sold, 0)::int AS sold
FROM products p LEFT JOIN (
  SELECT product, count(*) AS sold FROM orders WHERE placed_at > now() - interval '30 days' GROUP BY product
) s ON s.product = p.id WHERE p.on_menu ORDER BY sold DESC, p.name`,
  product: `SELECT p.id, p.name, p.category, p.cents,
  (SELECT count(*) FROM orders o WHERE o.product = p.id)::int AS sold
FROM products p WHERE p.id = $1`,
  favourites: `SELECT o.product, count(*)::int AS times
FROM orders o WHERE o.cafe = $1 AND o.placed_at > now() - interval '30 days'
GROUP BY o.product ORDER BY times DESC LIMIT 10`,
  order: `INSERT INTO orders (cafe, product, cents)
SELECT $1, p.id, p.cents FROM products p WHERE p.id = $2 RETURNING id`,
};
