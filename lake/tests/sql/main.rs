//! The program as people run it, compared with what the library says of the same captures.

mod faults;
mod functions;
mod page;
mod results;
mod settings;
mod stores;
mod support;
mod tables;
mod web;
