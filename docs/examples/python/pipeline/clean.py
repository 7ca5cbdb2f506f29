"""Copies a table, leaving out the rows without a price."""

import csv
import sys

source, target = sys.argv[1:]
with open(source, newline="") as file:
    rows = [row for row in csv.DictReader(file) if row["price"]]
with open(target, "w", newline="") as file:
    writer = csv.DictWriter(file, ["name", "price"])
    writer.writeheader()
    writer.writerows(rows)
