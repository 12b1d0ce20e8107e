//! The program as people run it: commands, tables, annotated captures, the README.

#[path = "../support/mod.rs"]
mod support;

mod again;
mod annotate;
mod anonymize;
mod architecture;
mod arranging;
mod asking;
mod by_keys;
mod circles;
mod cli;
mod columnar;
mod columns;
mod config;
mod copies;
mod diff;
mod documentation;
mod endless;
mod explain;
mod host_names;
mod hostile_text;
mod interfaces;
mod live;
mod memory;
mod named_results;
mod newcomers;
mod no_network;
mod other_names;
mod overview;
mod pages;
#[cfg(feature = "tables")]
mod partial;
mod peek;
mod protocols;

mod report_page;
mod result_files;
mod sandbox;
mod scans;
mod selecting;
mod serialized;
mod signals;
mod sql;
mod tables;
mod terminals;
mod times;
mod told;
mod words_of_pages;
