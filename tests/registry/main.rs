//! The registry: its formats, editions, overlays and exports.

#[path = "../support/mod.rs"]
mod support;

mod commands;
mod export;
mod formats;
mod names;
mod overlay;
mod seed_pages;
mod update;
