//! Dates as people and spreadsheets write them.

use jiff::civil::Date;

/// How dates are read of which two numbers can be the month (`1/2/2027`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateOrder {
    /// Not at all: nobody said which it is.
    #[default]
    Unknown,
    /// The month stands before the day.
    MonthFirst,
    /// The day stands before the month.
    DayFirst,
}

/// Text that is no date, or can be read in two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::review) struct NoDate;

impl DateOrder {
    /// Every order.
    pub(in crate::review) const ALL: [DateOrder; 3] =
        [DateOrder::Unknown, DateOrder::MonthFirst, DateOrder::DayFirst];

    /// The word of `--dates`; none where nobody said which it is.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            DateOrder::Unknown => None,
            DateOrder::MonthFirst => Some("mdy"),
            DateOrder::DayFirst => Some("dmy"),
        }
    }

    /// Reads `2027-01-31`, `2027/01/31`, `31.01.2027`, and with strokes what can be read in one way
    /// (`1/31/2027`, `31/1/2027`) or has a known order; none for an empty cell. In a known order the
    /// year may have two digits: those of this century.
    pub(in crate::review) fn read(self, text: &str) -> Result<Option<Date>, NoDate> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let by_dots: Vec<&str> = text.split('.').collect();
        let by_strokes: Vec<&str> = text.split(['-', '/']).collect();
        let (year, month, day) = match (by_strokes.as_slice(), by_dots.as_slice()) {
            (&[year, month, day], _) if year.len() == 4 => (year, month, day),
            (_, &[day, month, year]) if year.len() == 4 => (year, month, day),
            (&[first, second, year], _)
                if year.len() == 4 || (year.len() == 2 && self != DateOrder::Unknown) =>
            {
                let (month, day) = self.month_and_day(first, second)?;
                (year, month, day)
            }
            _ => return Err(NoDate),
        };
        let century = if year.len() == 2 { 2000 } else { 0 };
        match (year.parse::<i16>(), number(month), number(day)) {
            (Ok(year), Some(month), Some(day)) => {
                Date::new(century + year, month, day).map(Some).map_err(|_| NoDate)
            }
            _ => Err(NoDate),
        }
    }

    /// Which of two numbers is the month.
    fn month_and_day<'a>(self, first: &'a str, second: &'a str) -> Result<(&'a str, &'a str), NoDate> {
        let is_month = |text: &str| number(text).is_some_and(|number| (1..=12).contains(&number));
        let is_month_first = match (self, is_month(first), is_month(second)) {
            (DateOrder::MonthFirst, true, _) | (DateOrder::Unknown, true, false) => true,
            (DateOrder::DayFirst, _, true) | (DateOrder::Unknown, false, true) => false,
            (DateOrder::Unknown, true, true) if number(first) == number(second) => true,
            _ => return Err(NoDate),
        };
        Ok(if is_month_first { (first, second) } else { (second, first) })
    }
}

fn number(text: &str) -> Option<i8> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_where_day_and_month_cannot_be_mixed_up() {
        let day = Date::new(2027, 1, 31).ok();
        for text in
            ["2027-01-31", " 2027-1-31", "2027/01/31", "31.01.2027", "31.1.2027", "1/31/2027", "31/1/2027"]
        {
            assert_eq!(DateOrder::Unknown.read(text), Ok(day), "{text}");
        }
        assert_eq!(DateOrder::Unknown.read("1/1/2027"), Ok(Date::new(2027, 1, 1).ok()));
        assert_eq!(DateOrder::Unknown.read(" "), Ok(None));
        for text in [
            "1/2/2027",
            "31/13/2027",
            "0/31/2027",
            "1/31/27",
            "2027",
            "2027-02-30",
            "31.01.27",
            "soon",
            "2027-01-31-1",
            "x.y.2027",
        ] {
            assert_eq!(DateOrder::Unknown.read(text), Err(NoDate), "{text}");
        }
    }

    #[test]
    fn in_a_known_order_the_other_one_is_no_date() {
        let (january, february) = (Date::new(2027, 1, 2).ok(), Date::new(2027, 2, 1).ok());
        for text in ["1/2/2027", "01/02/27", "1-2-2027", "1-2-27"] {
            assert_eq!(DateOrder::MonthFirst.read(text), Ok(january), "{text}");
            assert_eq!(DateOrder::DayFirst.read(text), Ok(february), "{text}");
        }
        for order in DateOrder::ALL {
            assert_eq!(order.read("2027-01-02"), Ok(january));
            assert_eq!(order.read("02.01.2027"), Ok(january));
        }
        assert_eq!(DateOrder::MonthFirst.read("31/1/2027"), Err(NoDate));
        assert_eq!(DateOrder::DayFirst.read("1/31/2027"), Err(NoDate));
        assert_eq!(DateOrder::DayFirst.read("+1/+2/27"), Err(NoDate));
    }
}
