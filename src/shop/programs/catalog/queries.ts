/** What the catalog asks; the tables are made by the manifest of the database. */
export const sql = {
  menu: 'SELECT id, name, category, cents FROM products WHERE on_menu ORDER BY category, name',
  // How often it was sold has no index: it is read once an hour.
  product: `SELECT p.id, p.name, p.category, p.cents,
  (SELECT count(*) FROM orders o WHERE o.product = p.id)::int AS sold
FROM products p WHERE p.id = $1`,
  favourites: `SELECT o.product, count(*)::int AS times
FROM orders o WHERE o.cafe = $1 AND o.placed_at > now() - interval '30 days'
GROUP BY o.product ORDER BY times DESC LIMIT 10`,
  order: `INSERT INTO orders (cafe, product, cents)
SELECT $1, p.id, p.cents FROM products p WHERE p.id = $2 RETURNING id`,
};
