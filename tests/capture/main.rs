//! How captures are read and decoded: files, pieces, pipes, link layers, tunnels.

#[path = "../support/mod.rs"]
mod support;

mod captures;
mod decode_captures;
mod decode_random;
mod frames;
mod named_pipes;
mod pieces;
mod rare_headers;
mod recovery;
mod tunnels;
