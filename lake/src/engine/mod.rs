//! Tables and functions for Apache DataFusion. What touches its interfaces, which change with every release, stands in this
//! folder.

mod config;
mod fault;
mod functions;
mod hive;
mod known;
mod parquet;
mod pruning;
mod rows;
mod scan;
mod stores;
mod tables;

use std::collections::VecDeque;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::ScalarUDF;
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion::sql::parser::{DFParser, Statement as Parsed};
use futures::StreamExt as _;
use portscribe::registry::Registry;

use crate::failure::{Failure, Told};
use crate::store::Stores;
use config::Options;
use functions::{Function, Kind};
use tables::TableFunction;

/// Runs SQL.
pub(crate) struct Engine {
    context: SessionContext,
}

/// A statement that is understood.
pub(crate) struct Statement(Parsed);

/// The rows of a result.
pub(crate) struct Answer {
    pub(crate) schema: SchemaRef,
    stream: SendableRecordBatchStream,
}

impl Engine {
    /// An engine that knows our tables and functions.
    pub(crate) fn new(registry: &Arc<Registry>, told: &Arc<Told>) -> Result<Engine, Failure> {
        let mut config =
            SessionConfig::new().with_information_schema(true).with_option_extension(Options::default());
        let options = config.options_mut();
        // Rows that a condition leaves out are not made.
        options.execution.parquet.pushdown_filters = true;
        // What is stored, created and counted has the types of our columns.
        options.execution.parquet.schema_force_view_types = false;
        options.sql_parser.map_string_types_to_utf8view = false;
        let stores = Arc::new(Stores::default());
        let runtime = RuntimeEnvBuilder::new()
            .with_object_store_registry(Arc::new(stores::OfSession::new(&stores)))
            .build_arc()
            .map_err(|error| fault::failure(&error))?;
        let context = SessionContext::new_with_config_rt(config, runtime).enable_url_table();
        for function in Kind::ALL {
            context.register_udf(ScalarUDF::new_from_impl(Function::new(function, registry)));
        }
        for (name, table) in TableFunction::all(registry, told, &stores) {
            context.register_udtf(name, Arc::new(table));
        }
        Ok(Engine { context })
    }

    /// The statements of a text.
    pub(crate) fn statements(text: &str) -> Result<VecDeque<Statement>, Failure> {
        let parsed = DFParser::parse_sql(text).map_err(|error| fault::failure(&error))?;
        Ok(parsed.into_iter().map(Statement).collect())
    }

    /// Runs a statement. There is no answer to those that set or create something.
    pub(crate) async fn run(&self, statement: Statement) -> Result<Option<Answer>, Failure> {
        let run = async {
            let plan = self.context.state().statement_to_plan(statement.0).await?;
            let frame = self.context.execute_logical_plan(plan).await?;
            if frame.schema().fields().is_empty() {
                // What is set or created is, when its stream ends.
                frame.collect().await?;
                return Ok(None);
            }
            let stream = frame.execute_stream().await?;
            Ok(Some(Answer { schema: stream.schema(), stream }))
        };
        run.await.map_err(|error| fault::failure(&error))
    }

    /// The names of functions and settings, to complete what is typed.
    pub(crate) fn names(&self) -> Vec<String> {
        let state = self.context.state();
        let functions = state.scalar_functions().keys().chain(state.aggregate_functions().keys());
        let functions =
            functions.chain(state.window_functions().keys()).chain(state.table_functions().keys());
        let settings = state.config_options().entries().into_iter().map(|entry| entry.key);
        let mut names: Vec<String> = functions.map(|name| format!("{name}(")).chain(settings).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Answer {
    /// The next rows.
    pub(crate) async fn next(&mut self) -> Option<Result<RecordBatch, Failure>> {
        Some(self.stream.next().await?.map_err(|error| fault::failure(&error)))
    }
}
