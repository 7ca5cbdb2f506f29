#!/bin/sh
# Stands for tests against the database named by DATABASE_URL.
set -eu
: "${DATABASE_URL:?}"
echo "the database answers"
