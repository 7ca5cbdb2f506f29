"""Writes the dearest rows of a table as a Markdown list."""

import csv
import sys

source, target, top = sys.argv[1:]
with open(source, newline="") as file:
    rows = sorted(csv.DictReader(file), key=lambda row: float(row["price"]), reverse=True)
with open(target, "w") as file:
    for row in rows[: int(top)]:
        file.write(f"- {row['name']}: {row['price']}\n")
