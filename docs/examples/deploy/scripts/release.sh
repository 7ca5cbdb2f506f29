#!/bin/sh
# Stands for the real release: target, version and number of replicas are its arguments.
set -eu
: "${TOKEN:?}"
echo "releasing $2 to $1 on $CLUSTER with $3 replicas"
