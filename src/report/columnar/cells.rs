//! The cells of one column, which become an array.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Decimal128Builder, FixedSizeBinaryBuilder, Float64Builder, Int32Builder,
    Int64Builder, ListBuilder, MapBuilder, MapFieldNames, StringBuilder, StringDictionaryBuilder,
    TimestampNanosecondBuilder, UInt8Builder, UInt16Builder, UInt32Builder,
};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Int32Array, ListArray, StringArray};
use arrow_buffer::{NullBufferBuilder, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::types::{self, ADDRESS_OCTETS, COMMUNITY_ID_OCTETS, DURATION_DIGITS, UTC};
use crate::report::{Bits, Holds, Value};

/// The cells of one column.
pub(super) enum Cells {
    Text(StringBuilder),
    Word(Words, Int32Builder),
    Integer8(UInt8Builder),
    Integer16(UInt16Builder),
    Integer32(UInt32Builder),
    Integer64(Int64Builder),
    Share(Float64Builder),
    Duration(Decimal128Builder),
    Time(TimestampNanosecondBuilder),
    Address {
        text: String,
        texts: StringDictionaryBuilder<Int32Type>,
        octets: Option<FixedSizeBinaryBuilder>,
    },
    CommunityId(FixedSizeBinaryBuilder),
    Bool(BooleanBuilder),
    Texts(ListBuilder<StringBuilder>),
    Words(Words, Lists),
    Counts(MapBuilder<StringBuilder, Int64Builder>),
}

/// Words of a fixed set: every batch has the same dictionary.
pub(super) struct Words {
    words: &'static [&'static str],
    values: ArrayRef,
}

impl Words {
    fn of(words: &'static [&'static str]) -> Words {
        Words { words, values: Arc::new(StringArray::from(words.to_vec())) }
    }

    fn key(&self, word: &str) -> Option<i32> {
        self.words.iter().position(|one| *one == word).map(|place| place as i32)
    }

    fn array(&self, keys: Int32Array) -> Result<ArrayRef, ArrowError> {
        Ok(Arc::new(DictionaryArray::try_new(keys, self.values.clone())?))
    }
}

/// Lists of words.
pub(super) struct Lists {
    ends: Vec<i32>,
    keys: Int32Builder,
    known: NullBufferBuilder,
}

impl Lists {
    fn new() -> Lists {
        Lists { ends: vec![0], keys: Int32Builder::new(), known: NullBufferBuilder::new(0) }
    }

    fn close(&mut self, is_known: bool) {
        self.ends.push(self.keys.len() as i32);
        self.known.append(is_known);
    }

    fn finish(&mut self, words: &Words) -> Result<ArrayRef, ArrowError> {
        let ends = std::mem::replace(&mut self.ends, vec![0]);
        let values = words.array(self.keys.finish())?;
        let item = types::item(values.data_type().clone());
        let ends = OffsetBuffer::new(ScalarBuffer::from(ends));
        Ok(Arc::new(ListArray::try_new(item, ends, values, self.known.finish())?))
    }
}

impl Cells {
    /// No cells, of a column that holds this; addresses also as octets where these are asked for.
    pub(super) fn of(holds: Holds, with_octets: bool) -> Cells {
        match holds {
            Holds::Text | Holds::Ports => Cells::Text(StringBuilder::new()),
            Holds::Word(words) => Cells::Word(Words::of(words), Int32Builder::new()),
            Holds::Integer(Bits::B8, _) => Cells::Integer8(UInt8Builder::new()),
            Holds::Integer(Bits::B16, _) => Cells::Integer16(UInt16Builder::new()),
            Holds::Integer(Bits::B32, _) => Cells::Integer32(UInt32Builder::new()),
            Holds::Integer(Bits::B64, _) => Cells::Integer64(Int64Builder::new()),
            Holds::Share => Cells::Share(Float64Builder::new()),
            Holds::Duration => {
                let of = DataType::Decimal128(DURATION_DIGITS.0, DURATION_DIGITS.1);
                Cells::Duration(Decimal128Builder::new().with_data_type(of))
            }
            Holds::Time => Cells::Time(TimestampNanosecondBuilder::new().with_timezone(UTC)),
            Holds::Address => Cells::Address {
                text: String::new(),
                texts: StringDictionaryBuilder::new(),
                octets: with_octets.then(|| FixedSizeBinaryBuilder::new(ADDRESS_OCTETS)),
            },
            Holds::CommunityId => Cells::CommunityId(FixedSizeBinaryBuilder::new(COMMUNITY_ID_OCTETS)),
            Holds::Bool => Cells::Bool(BooleanBuilder::new()),
            Holds::Texts | Holds::Sentences => {
                Cells::Texts(ListBuilder::new(StringBuilder::new()).with_field(types::item(DataType::Utf8)))
            }
            Holds::Words(_) | Holds::Flags => {
                Cells::Words(Words::of(holds.words().unwrap_or_default()), Lists::new())
            }
            Holds::Counts(_) => {
                let names =
                    MapFieldNames { entry: "entries".into(), key: "key".into(), value: "value".into() };
                let [key, number] = types::count_fields();
                let map = MapBuilder::new(Some(names), StringBuilder::new(), Int64Builder::new());
                Cells::Counts(map.with_keys_field(key).with_values_field(number))
            }
        }
    }

    /// Adds a cell. Gives the octets of its texts. A value of another type than the column's is unknown.
    pub(super) fn push(&mut self, value: &Value) -> Result<usize, ArrowError> {
        match (self, value) {
            (Cells::Text(cells), Value::Text(text)) => return Ok(append(cells, text)),
            (Cells::Text(cells), Value::Lines(text)) => return Ok(append(cells, text)),
            // Programs read the very characters; who shows them makes them safe.
            (Cells::Text(cells), Value::Foreign(text)) => return Ok(append(cells, text.raw())),
            (Cells::Text(cells), Value::Number(number)) => return Ok(append(cells, &number.to_string())),
            (Cells::Text(cells), _) => cells.append_null(),
            (Cells::Word(words, keys), Value::Text(word)) => keys.append_option(words.key(word)),
            (Cells::Word(_, keys), _) => keys.append_null(),
            (Cells::Integer8(cells), value) => cells.append_option(number(value)),
            (Cells::Integer16(cells), value) => cells.append_option(number(value)),
            (Cells::Integer32(cells), value) => cells.append_option(number(value)),
            (Cells::Integer64(cells), value) => cells.append_option(number::<i64>(value)),
            (Cells::Share(cells), Value::Share(share)) => cells.append_value(*share),
            (Cells::Share(cells), _) => cells.append_null(),
            (Cells::Duration(cells), Value::Duration(nanoseconds)) => {
                cells.append_value(i128::from(*nanoseconds));
            }
            (Cells::Duration(cells), _) => cells.append_null(),
            (Cells::Time(cells), Value::Time(time)) => cells.append_value(time.nanoseconds()),
            (Cells::Time(cells), _) => cells.append_null(),
            (Cells::Address { text, texts, octets }, Value::Address(address)) => {
                text.clear();
                // Writing to a string does not fail.
                let _ = write!(text, "{address}");
                texts.append(text.as_str())?;
                if let Some(octets) = octets {
                    octets.append_value(mapped(*address))?;
                }
            }
            (Cells::Address { texts, octets, .. }, _) => {
                texts.append_null();
                if let Some(octets) = octets {
                    octets.append_null();
                }
            }
            (Cells::CommunityId(cells), Value::Text(id)) => match hash_of(id) {
                Some(hash) => cells.append_value(hash)?,
                None => cells.append_null(),
            },
            (Cells::CommunityId(cells), _) => cells.append_null(),
            (Cells::Bool(cells), Value::Bool(yes)) => cells.append_value(*yes),
            (Cells::Bool(cells), _) => cells.append_null(),
            (Cells::Texts(cells), Value::List(texts)) => {
                let octets = texts.iter().map(|text| append(cells.values(), text)).sum();
                cells.append(true);
                return Ok(octets);
            }
            (Cells::Texts(cells), Value::Names(names)) => {
                let octets = names.iter().map(|name| append(cells.values(), name.raw())).sum();
                cells.append(true);
                return Ok(octets);
            }
            (Cells::Texts(cells), Value::Sentences(sentences)) => {
                let octets = sentences.iter().map(|text| append(cells.values(), text)).sum();
                cells.append(true);
                return Ok(octets);
            }
            (Cells::Texts(cells), _) => cells.append(false),
            (Cells::Words(words, lists), Value::List(list)) => {
                list.iter().filter_map(|word| words.key(word)).for_each(|key| lists.keys.append_value(key));
                lists.close(true);
            }
            (Cells::Words(_, lists), _) => lists.close(false),
            (Cells::Counts(cells), Value::Counts(counts)) => {
                for &(word, count) in counts {
                    cells.keys().append_value(word);
                    cells.values().append_value(signed(count));
                }
                cells.append(true)?;
            }
            (Cells::Counts(cells), _) => cells.append(false)?,
        }
        Ok(0)
    }

    /// Hands out the arrays of the cells, which are none then.
    pub(super) fn finish(&mut self, arrays: &mut Vec<ArrayRef>) -> Result<(), ArrowError> {
        let array: ArrayRef = match self {
            Cells::Text(cells) => Arc::new(cells.finish()),
            Cells::Word(words, keys) => words.array(keys.finish())?,
            Cells::Integer8(cells) => Arc::new(cells.finish()),
            Cells::Integer16(cells) => Arc::new(cells.finish()),
            Cells::Integer32(cells) => Arc::new(cells.finish()),
            Cells::Integer64(cells) => Arc::new(cells.finish()),
            Cells::Share(cells) => Arc::new(cells.finish()),
            Cells::Duration(cells) => Arc::new(cells.finish()),
            Cells::Time(cells) => Arc::new(cells.finish()),
            Cells::Address { texts, octets, .. } => {
                arrays.push(Arc::new(texts.finish()));
                let Some(octets) = octets else { return Ok(()) };
                Arc::new(octets.finish())
            }
            Cells::CommunityId(cells) => Arc::new(cells.finish()),
            Cells::Bool(cells) => Arc::new(cells.finish()),
            Cells::Texts(cells) => Arc::new(cells.finish()),
            Cells::Words(words, lists) => lists.finish(words)?,
            Cells::Counts(cells) => Arc::new(cells.finish()),
        };
        arrays.push(array);
        Ok(())
    }
}

fn append(cells: &mut StringBuilder, text: &str) -> usize {
    cells.append_value(text);
    text.len()
}

fn number<T: TryFrom<u64>>(value: &Value) -> Option<T> {
    match value {
        Value::Number(number) => T::try_from(*number).ok(),
        _ => None,
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The octets of an address.
fn mapped(address: IpAddr) -> [u8; ADDRESS_OCTETS as usize] {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    }
}

/// The hash in a Community ID: `1:` and the hash in Base64.
fn hash_of(id: &str) -> Option<[u8; COMMUNITY_ID_OCTETS as usize]> {
    STANDARD.decode(id.strip_prefix("1:")?).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;

    use super::*;
    use crate::foreign::Foreign;

    #[test]
    fn texts_from_outside_are_what_they_are() {
        let mut arrays = Vec::new();
        let mut texts = Cells::of(Holds::Text, true);
        let mut lists = Cells::of(Holds::Texts, true);
        assert_eq!(texts.push(&Value::Foreign(Foreign::new("eth0\n".into()))).expect("a text"), 5);
        let names = Value::Names(vec![Foreign::new("web"), Foreign::new("\x1b")]);
        assert_eq!(lists.push(&names).expect("a list"), 4);
        texts.finish(&mut arrays).expect("an array");
        lists.finish(&mut arrays).expect("an array");
        assert_eq!(arrays[0].as_string::<i32>().value(0), "eth0\n");
        let items = arrays[1].as_list::<i32>().value(0);
        assert_eq!(items.as_string::<i32>().iter().flatten().collect::<Vec<_>>(), ["web", "\x1b"]);
    }

    #[test]
    fn ids_are_their_hashes() {
        // The first example of the specification's repository.
        let hash = hash_of("1:wCb3OG7yAFWelaUydu0D+125CLM=").expect("an ID");
        assert_eq!(
            hash,
            [
                0xc0, 0x26, 0xf7, 0x38, 0x6e, 0xf2, 0x00, 0x55, 0x9e, 0x95, 0xa5, 0x32, 0x76, 0xed, 0x03,
                0xfb, 0x5d, 0xb9, 0x08, 0xb3
            ]
        );
        assert_eq!(hash_of("2:wCb3OG7yAFWelaUydu0D+125CLM="), None);
        assert_eq!(hash_of("1:wCb3"), None);
    }

    #[test]
    fn addresses_of_both_families_have_16_octets() {
        let octets = |text: &str| mapped(text.parse().expect("an address"));
        assert_eq!(octets("192.0.2.1"), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1]);
        assert_eq!(octets("2001:db8::1"), [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    }
}
