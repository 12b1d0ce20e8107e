//! Cells of columns as values of the library's reports: as it writes its own results, so these are written.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use datafusion::arrow::array::{Array, ArrowPrimitiveType, AsArray, PrimitiveArray, RecordBatch};
use datafusion::arrow::datatypes::{
    DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use portscribe::Foreign;
use portscribe::capture::Timestamp;
use portscribe::report::Value;

/// The values of a row.
pub(super) fn values(batch: &RecordBatch, row: usize) -> Vec<Value<'_>> {
    batch.columns().iter().map(|column| value(column.as_ref(), row)).collect()
}

/// Whether cells of this type are texts.
pub(super) fn is_text(of: &DataType) -> bool {
    match of {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(key, of) => **key == DataType::Int32 && is_text(of),
        _ => false,
    }
}

/// The text in a cell.
fn text(array: &dyn Array, row: usize) -> Option<&str> {
    match array.data_type() {
        _ if array.is_null(row) => None,
        DataType::Utf8 => Some(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => Some(array.as_string::<i64>().value(row)),
        DataType::Utf8View => Some(array.as_string_view().value(row)),
        DataType::Dictionary(..) => {
            let dictionary = array.as_dictionary_opt::<Int32Type>()?;
            text(dictionary.values().as_ref(), dictionary.key(row)?)
        }
        _ => None,
    }
}

/// The value in a cell.
fn value(array: &dyn Array, row: usize) -> Value<'_> {
    // A column of nulls has no list of them.
    if array.is_null(row) || *array.data_type() == DataType::Null {
        return Value::Unknown;
    }
    match array.data_type() {
        of if is_text(of) => {
            text(array, row).map_or(Value::Unknown, |text| Value::Foreign(Foreign::new(text.into())))
        }
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::UInt8 => Value::Number(at::<UInt8Type>(array, row).into()),
        DataType::UInt16 => Value::Number(at::<UInt16Type>(array, row).into()),
        DataType::UInt32 => Value::Number(at::<UInt32Type>(array, row).into()),
        DataType::UInt64 => Value::Number(at::<UInt64Type>(array, row)),
        DataType::Int8 => signed(at::<Int8Type>(array, row).into()),
        DataType::Int16 => signed(at::<Int16Type>(array, row).into()),
        DataType::Int32 => signed(at::<Int32Type>(array, row).into()),
        DataType::Int64 => signed(at::<Int64Type>(array, row)),
        DataType::Float32 => float(at::<Float32Type>(array, row).into()),
        DataType::Float64 => float(at::<Float64Type>(array, row)),
        DataType::Decimal128(..) => {
            Value::Numeral(array.as_primitive::<Decimal128Type>().value_as_string(row).into())
        }
        DataType::Timestamp(unit, Some(_)) => time(array, *unit, row),
        DataType::FixedSizeBinary(16) => {
            let octets: Option<[u8; 16]> = array.as_fixed_size_binary().value(row).try_into().ok();
            octets.map_or(Value::Unknown, |octets| Value::Address(IpAddr::from(octets).to_canonical()))
        }
        // No other column has as many octets.
        DataType::FixedSizeBinary(20) => {
            Value::Text(format!("1:{}", STANDARD.encode(array.as_fixed_size_binary().value(row))).into())
        }
        DataType::List(item) if is_text(item.data_type()) => {
            let list = array.as_list::<i32>();
            let ends = list.value_offsets();
            let items = list.values().as_ref();
            let texts = (ends[row] as usize..ends[row + 1] as usize).filter_map(|n| text(items, n));
            let texts: Vec<&str> = texts.collect();
            // Sentences have more between them than their words.
            if texts.iter().any(|text| text.contains(' ')) {
                Value::Sentences(texts.into_iter().map(Into::into).collect())
            } else {
                Value::Names(texts.into_iter().map(Foreign::new).collect())
            }
        }
        of if of.is_numeric() => Value::Numeral(formatted(array, row).into()),
        _ => Value::Foreign(Foreign::new(formatted(array, row).into())),
    }
}

fn at<T: ArrowPrimitiveType>(array: &dyn Array, row: usize) -> T::Native {
    let array: &PrimitiveArray<T> = array.as_primitive();
    array.value(row)
}

fn signed(number: i64) -> Value<'static> {
    match u64::try_from(number) {
        Ok(number) => Value::Number(number),
        Err(_) => Value::Numeral(number.to_string().into()),
    }
}

/// JSON has no number for what is none, and none that is infinite.
fn float(number: f64) -> Value<'static> {
    if number.is_finite() { Value::Numeral(number.to_string().into()) } else { Value::Unknown }
}

fn time(array: &dyn Array, unit: TimeUnit, row: usize) -> Value<'static> {
    let (number, nanoseconds) = match unit {
        TimeUnit::Second => (at::<TimestampSecondType>(array, row), 1_000_000_000),
        TimeUnit::Millisecond => (at::<TimestampMillisecondType>(array, row), 1_000_000),
        TimeUnit::Microsecond => (at::<TimestampMicrosecondType>(array, row), 1000),
        TimeUnit::Nanosecond => (at::<TimestampNanosecondType>(array, row), 1),
    };
    number
        .checked_mul(nanoseconds)
        .map_or(Value::Unknown, |time| Value::Time(Timestamp::from_nanoseconds(time)))
}

/// Another value as Arrow shows it.
fn formatted(array: &dyn Array, row: usize) -> String {
    ArrayFormatter::try_new(array, &FormatOptions::default())
        .and_then(|formatter| formatter.value(row).try_to_string())
        .unwrap_or_default()
}
