//! A folder becomes a database: discovery, settings, overlays.
