//! Runs a plan: scheduler, processes, output.
