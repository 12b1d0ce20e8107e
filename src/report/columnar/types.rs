//! What the columns of a result are in Arrow, and thereby in Parquet.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{DataType, Field as ArrowField, Fields, TimeUnit};

use crate::report::{Bits, Field, Holds};

/// Digits of a duration in seconds: `i64` nanoseconds have 19.
pub(super) const DURATION_DIGITS: (u8, i8) = (19, 9);
/// Octets of a Community ID: a SHA-1.
pub(super) const COMMUNITY_ID_OCTETS: i32 = 20;
/// Octets of an address: those of IPv4 as RFC 4291 section 2.5.5.2 maps them into IPv6.
pub(super) const ADDRESS_OCTETS: i32 = 16;
/// What follows the name of a column of addresses in the name of that with their octets.
const OCTETS: &str = "_octets";
/// The time zone of times.
pub(super) const UTC: &str = "UTC";

/// The type of a column.
pub(super) fn data_type(holds: Holds) -> DataType {
    match holds {
        Holds::Text | Holds::Ports => DataType::Utf8,
        Holds::Word(_) | Holds::Address => dictionary(),
        Holds::CommunityId => DataType::FixedSizeBinary(COMMUNITY_ID_OCTETS),
        Holds::Integer(Bits::B8, _) => DataType::UInt8,
        Holds::Integer(Bits::B16, _) => DataType::UInt16,
        Holds::Integer(Bits::B32, _) => DataType::UInt32,
        // Several engines know no 64 bits without a sign, and nothing that is counted needs the last one.
        Holds::Integer(Bits::B64, _) => DataType::Int64,
        Holds::Share => DataType::Float64,
        Holds::Duration => DataType::Decimal128(DURATION_DIGITS.0, DURATION_DIGITS.1),
        Holds::Time => DataType::Timestamp(TimeUnit::Nanosecond, Some(UTC.into())),
        Holds::Bool => DataType::Boolean,
        Holds::Texts | Holds::Sentences => DataType::List(item(DataType::Utf8)),
        Holds::Words(_) | Holds::Flags => DataType::List(item(dictionary())),
        Holds::Counts(_) => {
            let [key, number] = count_fields();
            let entry = ArrowField::new_struct("entries", Fields::from(vec![key, number]), false);
            DataType::Map(Arc::new(entry), false)
        }
    }
}

/// The name and the number of an entry of words with numbers.
pub(super) fn count_fields() -> [Arc<ArrowField>; 2] {
    [
        Arc::new(ArrowField::new("key", DataType::Utf8, false)),
        Arc::new(ArrowField::new("value", DataType::Int64, false)),
    ]
}

/// The items of a list, all of which are known.
pub(super) fn item(of: DataType) -> Arc<ArrowField> {
    Arc::new(ArrowField::new_list_field(of, false))
}

/// Texts of which there are few.
fn dictionary() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// The fields of a column: that of an address has another beside it, with its octets, where these are asked for.
pub(super) fn fields(field: &Field, with_octets: bool) -> Vec<ArrowField> {
    let of = |name: String, of: DataType, meaning: String| {
        let mut about = HashMap::from([("meaning".to_owned(), meaning)]);
        if let Some(unit) = field.holds.unit() {
            about.insert("unit".to_owned(), unit.to_owned());
        }
        ArrowField::new(name, of, field.may_be_unknown).with_metadata(about)
    };
    let mut fields = vec![of(field.name.to_owned(), data_type(field.holds), field.meaning.to_owned())];
    if with_octets && field.holds == Holds::Address {
        fields.push(of(
            format!("{}{OCTETS}", field.name),
            DataType::FixedSizeBinary(ADDRESS_OCTETS),
            format!("{}, as 16 octets; IPv4 as ::ffff:0:0/96", field.meaning),
        ));
    }
    fields
}
