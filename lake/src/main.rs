//! SQL over packet captures, with Apache DataFusion: flows with the services that IANA has registered as tables.
//!
//! | module | does |
//! |---|---|
//! | `failure` | says what is wrong, and how the program ends |
//! | `captures`, `registry_choice`, `settings` | what is read, and how |
//! | `read` | captures become rows |
//! | `engine` | tables and functions for DataFusion: what touches its interfaces stands there |
//! | `ingest` | captures become a table of Parquet files, to which every run adds |
//! | `show` | results become tables, CSV, JSON, Parquet and Arrow |
//! | `store` | captures in object stores |
//! | `sql`, `shell` | statements are run, from texts and from a terminal |

mod args;
mod captures;
mod engine;
mod failure;
mod ingest;
mod read;
mod registry_choice;
mod settings;
mod shell;
mod show;
mod sql;
mod store;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let args = args::Args::parse();
    match args.command {
        args::Command::Sql(command) => sql::run(&command),
        args::Command::Ingest(command) => ingest::run(&command),
    }
}
