//! The columns of a table of partial flows: their names, types and meanings, once.

use std::borrow::Cow;

use arrow_array::builder::{
    BooleanBuilder, StringBuilder, TimestampNanosecondBuilder, UInt8Builder, UInt16Builder, UInt32Builder,
    UInt64Builder,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, RecordBatch, StringArray, TimestampNanosecondArray, UInt8Array,
    UInt16Array, UInt32Array, UInt64Array,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, TimeUnit};
use std::sync::Arc;

/// What a column holds.
pub(super) trait Kind {
    type Value;
    type Builder: Default;
    type Array: Array + 'static;
    const WORD: &'static str;
    fn data_type() -> DataType;
    fn append(builder: &mut Self::Builder, value: Option<Self::Value>);
    fn finish(builder: &mut Self::Builder) -> ArrayRef;
    fn get(array: &Self::Array, row: usize) -> Self::Value;
}

macro_rules! kinds {
    ($($kind:ident $word:literal $value:ty, $builder:ident, $array:ident, $data_type:expr;)*) => {
        $(pub(super) struct $kind;

        impl Kind for $kind {
            type Value = $value;
            type Builder = $builder;
            type Array = $array;
            const WORD: &'static str = $word;

            fn data_type() -> DataType {
                $data_type
            }

            fn append(builder: &mut $builder, value: Option<$value>) {
                builder.append_option(value);
            }

            fn finish(builder: &mut $builder) -> ArrayRef {
                Arc::new(builder.finish())
            }

            fn get(array: &$array, row: usize) -> $value {
                array.value(row).into()
            }
        })*
    };
}

kinds! {
    U8 "UInt8" u8, UInt8Builder, UInt8Array, DataType::UInt8;
    U16 "UInt16" u16, UInt16Builder, UInt16Array, DataType::UInt16;
    U32 "UInt32" u32, UInt32Builder, UInt32Array, DataType::UInt32;
    U64 "UInt64" u64, UInt64Builder, UInt64Array, DataType::UInt64;
    Bool "Boolean" bool, BooleanBuilder, BooleanArray, DataType::Boolean;
}

pub(super) struct Text;

impl Kind for Text {
    type Value = Cow<'static, str>;
    type Builder = StringBuilder;
    type Array = StringArray;
    const WORD: &'static str = "Utf8";

    fn data_type() -> DataType {
        DataType::Utf8
    }

    fn append(builder: &mut StringBuilder, value: Option<Cow<'static, str>>) {
        builder.append_option(value);
    }

    fn finish(builder: &mut StringBuilder) -> ArrayRef {
        Arc::new(builder.finish())
    }

    fn get(array: &StringArray, row: usize) -> Cow<'static, str> {
        Cow::Owned(array.value(row).to_owned())
    }
}

pub(super) struct Time;

impl Kind for Time {
    type Value = i64;
    type Builder = TimestampNanosecondBuilder;
    type Array = TimestampNanosecondArray;
    const WORD: &'static str = "Timestamp(ns, UTC)";

    fn data_type() -> DataType {
        DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()))
    }

    fn append(builder: &mut TimestampNanosecondBuilder, value: Option<i64>) {
        builder.append_option(value);
    }

    fn finish(builder: &mut TimestampNanosecondBuilder) -> ArrayRef {
        Arc::new(builder.finish().with_timezone("UTC"))
    }

    fn get(array: &TimestampNanosecondArray, row: usize) -> i64 {
        array.value(row)
    }
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type, as Arrow calls it.
    pub kind: &'static str,
    /// What it holds.
    pub about: &'static str,
}

/// Declares the columns. All may be empty: each part of the table has its own.
macro_rules! columns {
    ($($name:ident $kind:ident $about:literal;)*) => {
        /// A row of the table, of whatever part.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub(super) struct Row {
            $(pub(super) $name: Option<<$kind as Kind>::Value>,)*
        }

        /// The columns, in their order.
        pub const COLUMNS: &[Column] = &[$(Column { name: stringify!($name), kind: $kind::WORD, about: $about },)*];

        /// Rows that become columns.
        #[derive(Default)]
        pub(super) struct Columns {
            rows: usize,
            $($name: <$kind as Kind>::Builder,)*
        }

        impl Columns {
            /// Adds a row.
            pub(super) fn push(&mut self, row: Row) {
                self.rows += 1;
                $($kind::append(&mut self.$name, row.$name);)*
            }

            /// How many rows there are.
            pub(super) fn len(&self) -> usize {
                self.rows
            }

            /// Takes the rows out.
            pub(super) fn take(&mut self, schema: &Arc<Schema>) -> Result<RecordBatch, ArrowError> {
                self.rows = 0;
                let columns = vec![$($kind::finish(&mut self.$name),)*];
                RecordBatch::try_new(Arc::clone(schema), columns)
            }
        }

        /// The schema.
        pub(super) fn schema() -> Arc<Schema> {
            Arc::new(Schema::new(vec![$(Field::new(stringify!($name), $kind::data_type(), true),)*]))
        }

        /// The rows of a batch; the error is the name of a column that is missing, or has another type.
        pub(super) fn rows(batch: &RecordBatch) -> Result<impl Iterator<Item = Row> + '_, &'static str> {
            $(let $name = column::<$kind>(batch, stringify!($name))?;)*
            Ok((0..batch.num_rows()).map(move |row| Row {
                $($name: value::<$kind>($name, row),)*
            }))
        }
    };
}

fn column<'b, K: Kind>(batch: &'b RecordBatch, name: &'static str) -> Result<&'b K::Array, &'static str> {
    let column = batch.column_by_name(name).ok_or(name)?;
    column.as_any().downcast_ref::<K::Array>().ok_or(name)
}

fn value<K: Kind>(array: &K::Array, row: usize) -> Option<K::Value> {
    array.is_valid(row).then(|| K::get(array, row))
}

columns! {
    part Text "Which part of the state the row is of.";
    capture U32 "The capture, from 1 in the order in which captures are read. Empty in the first row, which is about all.";
    number U64 "The row's place among those of its part and capture, from 0.";
    version U16 "First row: the version of the table.";
    name Text "The capture, as it was named.";
    begins Time "The time of the capture's first packet, by which captures are brought into their order.";
    what Text "Counters: what is counted.";
    kind Text "Counters: of which kind, such as a reason why packets are in no flow. First row: the SHA-256 of the settings.";
    count U64 "Counters: how many. Captures: how many rows the other parts have.";
    frame U64 "The packet in its capture, from 1 as Wireshark shows it: of a flow the first, or the one that says what the row says.";
    context Text "Tags and tunnels that are part of what makes packets one flow, outermost first.";
    protocol Text "The transport, `icmp`, `icmpv6` or `other`.";
    first_address Text "Of the side that sent first, or the packet's source.";
    first_port U16 "Its port; of ICMP its type (and 256 where that is not answered), of other protocols without ports their number.";
    second_address Text "Of the other side. Paths: the address that the first one goes by.";
    second_port U16 "Its port; of ICMP its type, or the code where the type is not answered, of others their number.";
    connection_frame U64 "The first packet of the connection, where an earlier flow is part of it.";
    opened_before Text "The side that opened the connection in an earlier flow: `first` or `second`.";
    first_time Time "The time of the first packet.";
    last_time Time "The latest time.";
    previous_time Time "The latest time since a packet without one, but for later fragments: what a pause is counted from.";
    first_packets U64 "Packets that the first side sent.";
    second_packets U64 "Packets that the second side sent.";
    first_bytes U64 "IP bytes that the first side sent.";
    second_bytes U64 "IP bytes that the second side sent.";
    before_reply U32 "Packets of the first side before the first of the second.";
    service_code U32 "The DCCP Service Code; of ICMP the first codes of both sides.";
    has_untimed Bool "Whether a packet has no time.";
    opened_by Text "The side that opened: `first` or `second`.";
    opening_number U32 "The number of its opening, such as TCP's initial sequence number.";
    peer_opening U32 "The number of the other side's opening, where both opened.";
    reset U32 "The number of the opening that the newest reset answers.";
    first_seen U16 "What the first side was seen to send, as bits. Marks: what ICMP errors said of it.";
    second_seen U16 "What the second side was seen to send, as bits.";
    fragments U8 "What was seen of fragments, as bits.";
    first_signs Text "What the first payloads of the first side show (JSON).";
    second_signs Text "What the first payloads of the second side show (JSON).";
    first_beginning Text "First segments of the first side that may be a stream in small segments, with up to 128 octets of each (JSON).";
    second_beginning Text "Those of the second side (JSON).";
    first_shown Text "Interface, tags and tunnels of the first side's first packets (JSON).";
    second_shown Text "Interface, tags and tunnels of the second side's first packets (JSON).";
    detail Text "What has no columns of its own (JSON): the settings, the facts of a capture, a datagram whose fragments are waited for, an end that was announced, what is known of names, why a capture could not be opened.";
}
