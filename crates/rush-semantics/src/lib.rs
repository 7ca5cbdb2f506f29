//! Names, types, checking and evaluation to a plan, as queries over a database.
