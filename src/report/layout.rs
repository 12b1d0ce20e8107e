//! Which columns of a table stand where, on a terminal that may be too narrow for all of them.
//!
//! What cannot be read in two halves (addresses, ports, times, names) is never broken. Where there
//! is no room for all columns,
//!
//! 1. columns without content give up their place,
//! 2. text is broken between words ([`WhenNarrow::Wraps`], [`WhenNarrow::Breaks`]); where a terminal of usual
//!    width has no room for the words of columns that stay, long ones lose their middle ([`WhenNarrow::Shortens`]),
//! 3. the columns that matter least are left out ([`WhenNarrow::Leaves`]), which the table says below,
//! 4. a row goes on in a second line, further in ([`WhenNarrow::Below`]; the others where even they alone
//!    are too wide, or where that makes room for columns that matter, or for two others, that were left out).

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How a column is aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// What a column does where the terminal is too narrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenNarrow {
    /// Stays, whole.
    Stays,
    /// Stays, and is broken between words.
    Wraps,
    /// Stays, and is broken between words, and inside those that are very long.
    Breaks,
    /// Stays, and is broken between words; those that are wider than this lose their middle, where a row takes one
    /// line then. A table with such a column shows rows in one line where it can, on terminals of usual width: where
    /// no column that matters is left out for that.
    Shortens(usize),
    /// Stands beside the others where its longest word has room, else in a line of its own; broken
    /// between words. Where all its cells are empty it gives up its place.
    Below,
    /// Stays whole or is left out; those with lower numbers find room first. Those up to 4 are worth a second
    /// line in a table with columns that shorten.
    Leaves(u8),
}

impl WhenNarrow {
    /// Whether a row takes another line rather than leaving the column out.
    const fn matters(self) -> bool {
        matches!(self, WhenNarrow::Leaves(number) if number <= MATTERS)
    }
}

/// A column of a table for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableColumn {
    pub(super) name: &'static str,
    pub(super) align: Align,
    pub(super) when_narrow: WhenNarrow,
}

impl TableColumn {
    /// A column of text.
    pub const fn text(name: &'static str, when_narrow: WhenNarrow) -> TableColumn {
        TableColumn { name, align: Align::Left, when_narrow }
    }

    /// A column of numbers.
    pub const fn number(name: &'static str, when_narrow: WhenNarrow) -> TableColumn {
        TableColumn { name, align: Align::Right, when_narrow }
    }
}

/// A column in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    /// Which column.
    pub(super) column: usize,
    /// Its width, in columns of the terminal.
    pub(super) width: usize,
}

/// The columns of a table in their places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// The lines of a row, each with its columns from left to right.
    pub(super) lines: Vec<Vec<Placed>>,
    /// The columns that have no place.
    pub(super) left_out: Vec<usize>,
}

/// Blanks before the first line of a row.
pub(super) const MARGIN: usize = 1;
/// Blanks before the other lines of a row: further in than most first columns are wide.
pub(super) const INDENT: usize = 8;
/// Blanks between columns.
pub(super) const GAP: usize = 2;
/// A column that may be broken inside words is made no narrower than this.
const LEAST_BROKEN: usize = 16;
/// Terminals are wider than this.
const NARROWEST: usize = 40;
/// Terminals of usual width have as many columns at least.
const USUAL: usize = 80;
/// Columns that leave, up to this number, matter: a row takes another line for them.
const MATTERS: u8 = 4;
/// How many more columns are shown when every row takes another line for others.
const WORTH_A_LINE: usize = 2;

impl Layout {
    /// Places columns with these cells on a terminal of `width` columns; on any, without.
    pub(super) fn new(columns: &[TableColumn], rows: &[Vec<String>], width: Option<usize>) -> Layout {
        let sizes: Vec<Size> =
            columns.iter().enumerate().map(|(n, column)| Size::of(column, n, rows)).collect();
        let whole: Vec<Placed> =
            sizes.iter().enumerate().map(|(column, size)| Placed { column, width: size.whole }).collect();
        let Some(width) = width.filter(|&width| taken(0, &whole) > width) else {
            return Layout { lines: vec![whole], left_out: Vec::new() };
        };
        let is_of_others =
            |line: &Vec<Placed>| line.iter().any(|one| columns[one.column].when_narrow != WhenNarrow::Below);
        let takes_one = |layout: &Layout| layout.lines.iter().filter(|line| is_of_others(line)).count() == 1;
        let shortens = |column: &TableColumn| matches!(column.when_narrow, WhenNarrow::Shortens(_));
        let is_for_one = columns.iter().any(shortens);
        let wants_one = width >= USUAL && is_for_one;
        let matters = |&column: &usize| is_for_one && columns[column].when_narrow.matters();
        let is_good = |layout: &Layout| takes_one(layout) && !layout.left_out.iter().any(matters);
        let mut folds = sizes.clone();
        let mut layout = Layout::placed(columns, &sizes, width, width);
        let mut is_done = wants_one && is_good(&layout);
        if wants_one && !is_done {
            let all = shortened(columns, sizes.clone(), width, WhenNarrow::matters);
            let one = Layout::placed(columns, &all, width, width);
            is_done = is_good(&one);
            if is_done {
                layout = one;
            } else {
                // Where a row takes two lines, those that stay are as wide as one has room for.
                folds = shortened(columns, sizes.clone(), width, |_| false);
                layout = Layout::placed(columns, &folds, width, width);
            }
        }
        if !is_done && takes_one(&layout) {
            // Folded once, a row may have room for more.
            let most = layout.lines.len() + 1;
            for fold in (NARROWEST..width).rev() {
                let folded = Layout::placed(columns, &folds, fold, width);
                let fewer = folded.left_out.len() + WORTH_A_LINE <= layout.left_out.len();
                let matter =
                    |layout: &Layout| layout.left_out.iter().filter(|column| matters(column)).count();
                if folded.lines.len() <= most && (fewer || matter(&folded) < matter(&layout)) {
                    layout = folded;
                }
            }
        }
        for (n, line) in layout.lines.iter_mut().enumerate() {
            for place in 0..line.len() {
                let free = width.saturating_sub(taken(n, line));
                let missing = sizes[line[place].column].whole - line[place].width;
                line[place].width += missing.min(free);
            }
        }
        layout
    }

    /// Places columns as narrow as they can be: those that stay on lines of the width `fold`, the others
    /// where `width` has room.
    fn placed(columns: &[TableColumn], sizes: &[Size], fold: usize, width: usize) -> Layout {
        let mut layout = Layout { lines: vec![Vec::new()], left_out: Vec::new() };
        let least = |column: usize| Placed { column, width: sizes[column].least };
        let of = |wanted: fn(WhenNarrow) -> bool| {
            columns.iter().enumerate().filter(move |(_, column)| wanted(column.when_narrow)).map(|(n, _)| n)
        };
        let stays = |room| {
            matches!(
                room,
                WhenNarrow::Stays | WhenNarrow::Wraps | WhenNarrow::Breaks | WhenNarrow::Shortens(_)
            )
        };
        for column in of(stays) {
            layout.append(least(column), fold);
        }
        let mut leaving: Vec<usize> = of(|room| matches!(room, WhenNarrow::Leaves(_))).collect();
        leaving.sort_by_key(|&column| match columns[column].when_narrow {
            WhenNarrow::Leaves(number) => number,
            _ => 0,
        });
        for column in leaving.into_iter().filter(|&column| !sizes[column].is_empty) {
            if !layout.insert(least(column), width) {
                layout.left_out.push(column);
            }
        }
        layout.left_out.sort_unstable();
        for column in of(|room| room == WhenNarrow::Below).filter(|&column| !sizes[column].is_empty) {
            layout.append(least(column), width);
        }
        layout
    }

    /// Puts a column on the last line, or on a new one.
    fn append(&mut self, placed: Placed, width: usize) {
        let n = self.lines.len() - 1;
        let last = &mut self.lines[n];
        if last.is_empty() || taken(n, last) + GAP + placed.width <= width {
            let place = last.partition_point(|other| other.column < placed.column);
            last.insert(place, placed);
        } else {
            self.lines.push(vec![placed]);
        }
    }

    /// Puts a column on the last line that has room for it, in the columns' order: most stand after
    /// the ends of a flow.
    fn insert(&mut self, placed: Placed, width: usize) -> bool {
        for (n, line) in self.lines.iter_mut().enumerate().rev() {
            if taken(n, line) + GAP + placed.width <= width {
                let place = line.partition_point(|other| other.column < placed.column);
                line.insert(place, placed);
                return true;
            }
        }
        false
    }
}

/// How wide line `n` of a row is.
fn taken(n: usize, line: &[Placed]) -> usize {
    let before = if n == 0 { MARGIN } else { INDENT };
    let widths: usize = line.iter().map(|placed| placed.width).sum();
    before + widths + GAP * line.len().saturating_sub(1)
}

/// The sizes where columns that may lose the middle of words do so, as little as makes room for all that stay in one
/// line, and for those `besides`.
fn shortened(
    columns: &[TableColumn],
    mut sizes: Vec<Size>,
    width: usize,
    besides: impl Fn(WhenNarrow) -> bool,
) -> Vec<Size> {
    let least = |column: usize, size: &Size| match columns[column].when_narrow {
        WhenNarrow::Shortens(least) => size.least.min(least),
        _ => size.least,
    };
    let staying: Vec<Placed> = (columns.iter().enumerate())
        .filter(|(n, column)| match column.when_narrow {
            WhenNarrow::Below => false,
            WhenNarrow::Leaves(_) => besides(column.when_narrow) && !sizes[*n].is_empty,
            _ => true,
        })
        .map(|(column, _)| Placed { column, width: sizes[column].least })
        .collect();
    let mut missing = taken(0, &staying).saturating_sub(width);
    // The widest gives first.
    while missing > 0 {
        let wide = (0..sizes.len()).filter(|&n| sizes[n].least > least(n, &sizes[n]));
        let Some(widest) = wide.max_by_key(|&n| sizes[n].least) else { break };
        sizes[widest].least -= 1;
        missing -= 1;
    }
    sizes
}

/// How wide a column is.
#[derive(Clone)]
struct Size {
    /// With every cell in one line.
    whole: usize,
    /// As narrow as its cells can be broken.
    least: usize,
    /// Whether all its cells are.
    is_empty: bool,
}

impl Size {
    fn of(column: &TableColumn, n: usize, rows: &[Vec<String>]) -> Size {
        let cells = || rows.iter().filter_map(|row| row.get(n));
        let heading = column.name.width();
        let whole = cells().map(|cell| cell.width()).max().unwrap_or(0).max(heading);
        let word = || cells().flat_map(|cell| cell.split(' ')).map(UnicodeWidthStr::width).max().unwrap_or(0);
        let least = match column.when_narrow {
            WhenNarrow::Stays | WhenNarrow::Leaves(_) => whole,
            WhenNarrow::Wraps | WhenNarrow::Below | WhenNarrow::Shortens(_) => word().max(heading),
            WhenNarrow::Breaks => word().min(LEAST_BROKEN).max(heading),
        };
        Size { whole, least: least.min(whole), is_empty: cells().all(String::is_empty) }
    }
}

/// A text in lines of no more than `width` columns of the terminal, broken between words. A word
/// that is wider stands alone; with `inside`, it is broken.
pub(super) fn wrap(text: &str, width: usize, inside: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        if !inside || word.width() <= width {
            line.push_str(word);
            continue;
        }
        let mut taken = 0;
        for letter in word.chars() {
            let of_letter = letter.width().unwrap_or(0);
            if taken > 0 && taken + of_letter > width {
                lines.push(std::mem::take(&mut line));
                taken = 0;
            }
            line.push(letter);
            taken += of_letter;
        }
    }
    lines.push(line);
    lines
}

/// A text in lines of no more than `width` columns of the terminal, broken between words. A word that is wider loses
/// its middle.
pub(super) fn wrap_shortened(text: &str, width: usize) -> Vec<String> {
    if text.width() <= width {
        return vec![text.to_owned()];
    }
    let words: Vec<String> = text.split_whitespace().map(|word| without_middle(word, width)).collect();
    wrap(&words.join(" "), width, false)
}

/// A word of no more than `width` columns of the terminal. Of addresses with ports the end tells more.
fn without_middle(word: &str, width: usize) -> String {
    if word.width() <= width {
        return word.to_owned();
    }
    let room = width.saturating_sub(1);
    let end = first_of(word.chars().rev(), room.div_ceil(2));
    let begin = first_of(word.chars(), room / 2);
    begin.into_iter().chain(['…']).chain(end.into_iter().rev()).collect()
}

/// The first letters that take no more than `width` columns.
fn first_of(letters: impl Iterator<Item = char>, mut width: usize) -> Vec<char> {
    let fits = |letter: &char| match width.checked_sub(letter.width().unwrap_or(0)) {
        Some(left) => {
            width = left;
            true
        }
        None => false,
    };
    letters.take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[TableColumn] = &[
        TableColumn::number("n", WhenNarrow::Stays),
        TableColumn::text("from", WhenNarrow::Stays),
        TableColumn::text("to", WhenNarrow::Wraps),
        TableColumn::text("why", WhenNarrow::Leaves(2)),
        TableColumn::number("bytes", WhenNarrow::Leaves(1)),
        TableColumn::text("flags", WhenNarrow::Below),
    ];

    fn rows() -> Vec<Vec<String>> {
        // Widths: 1, 10, 19 (in words 12), 9, 5, 15 (in words 8).
        vec![
            ["1", "0123456789", "192.0.2.0/24 vlan 7", "handshake", "12345", "one-way refused!"]
                .map(str::to_owned)
                .to_vec(),
        ]
    }

    /// The names and widths of a line.
    type Line = Vec<(&'static str, usize)>;

    fn placed(width: usize) -> (Vec<Line>, Vec<&'static str>) {
        let layout = Layout::new(COLUMNS, &rows(), Some(width));
        let lines = layout
            .lines
            .iter()
            .map(|line| line.iter().map(|placed| (COLUMNS[placed.column].name, placed.width)).collect())
            .collect();
        (lines, layout.left_out.iter().map(|&column| COLUMNS[column].name).collect())
    }

    #[test]
    fn what_fits_is_left_as_it_is() {
        let all = vec![("n", 1), ("from", 10), ("to", 19), ("why", 9), ("bytes", 5), ("flags", 16)];
        assert_eq!(placed(71), (vec![all.clone()], vec![]));
        let layout = Layout::new(COLUMNS, &rows(), None);
        assert_eq!(
            layout.lines[0].iter().map(|placed| placed.width).collect::<Vec<_>>(),
            [1, 10, 19, 9, 5, 16]
        );
    }

    #[test]
    fn words_give_way_before_columns_do() {
        let narrower = vec![("n", 1), ("from", 10), ("to", 19), ("why", 9), ("bytes", 5), ("flags", 15)];
        assert_eq!(placed(70), (vec![narrower], vec![]));
        let narrowest = vec![("n", 1), ("from", 10), ("to", 12), ("why", 9), ("bytes", 5), ("flags", 8)];
        assert_eq!(placed(56), (vec![narrowest], vec![]));
    }

    #[test]
    fn columns_give_way_in_their_order_and_flags_go_below() {
        let first = vec![("n", 1), ("from", 10), ("to", 18), ("why", 9), ("bytes", 5)];
        assert_eq!(placed(52), (vec![first, vec![("flags", 16)]], vec![]));
        let without_why = vec![("n", 1), ("from", 10), ("to", 12), ("bytes", 5)];
        assert_eq!(placed(35), (vec![without_why, vec![("flags", 16)]], vec!["why"]));
        let without_both = vec![("n", 1), ("from", 10), ("to", 15)];
        assert_eq!(placed(31), (vec![without_both, vec![("flags", 16)]], vec!["why", "bytes"]));
    }

    #[test]
    fn a_row_goes_on_in_the_next_line_where_no_word_can_be_broken() {
        let lines = vec![vec![("n", 1), ("from", 10)], vec![("to", 12)], vec![("flags", 12)]];
        assert_eq!(placed(20), (lines, vec!["why", "bytes"]));
        // Narrower than an address, the row runs over.
        let lines =
            vec![vec![("n", 1), ("bytes", 5)], vec![("from", 10)], vec![("to", 12)], vec![("flags", 8)]];
        assert_eq!(placed(10), (lines, vec!["why"]));
    }

    #[test]
    fn a_column_that_does_not_fit_leaves_its_room_to_the_next() {
        let columns = [
            TableColumn::text("a", WhenNarrow::Stays),
            TableColumn::text("wide", WhenNarrow::Leaves(1)),
            TableColumn::text("b", WhenNarrow::Leaves(2)),
        ];
        let row = ["aaaa", "bbbbbbbbbbbb", "cc"].map(str::to_owned).to_vec();
        let layout = Layout::new(&columns, &[row], Some(12));
        assert_eq!(layout.lines, [[Placed { column: 0, width: 4 }, Placed { column: 2, width: 2 }]]);
        assert_eq!(layout.left_out, [1]);
    }

    #[test]
    fn a_row_is_folded_for_two_columns_and_not_for_one() {
        let columns = [
            TableColumn::text("a", WhenNarrow::Stays),
            TableColumn::text("b", WhenNarrow::Stays),
            TableColumn::text("c", WhenNarrow::Leaves(1)),
            TableColumn::text("d", WhenNarrow::Leaves(2)),
        ];
        let row = [30, 30, 10, 12].map(|width| "x".repeat(width)).to_vec();
        let shown = |width| {
            let layout = Layout::new(&columns, std::slice::from_ref(&row), Some(width));
            (layout.lines.len(), layout.left_out.len())
        };
        // Folded, there is room beside `b`; in one line, from 63 on, for neither until 75.
        assert_eq!([60, 62, 63, 74].map(shown), [(2, 0), (2, 0), (2, 0), (2, 0)]);
        assert_eq!([75, 88, 89].map(shown), [(1, 1), (1, 1), (1, 0)]);
    }

    #[test]
    fn a_row_is_folded_for_one_column_that_matters() {
        let columns = |number| {
            [
                TableColumn::text("a", WhenNarrow::Shortens(20)),
                TableColumn::text("b", WhenNarrow::Stays),
                TableColumn::text("c", WhenNarrow::Leaves(number)),
                TableColumn::text("empty", WhenNarrow::Leaves(1)),
            ]
        };
        let mut row = [40, 36, 10].map(|width| "x".repeat(width)).to_vec();
        row.push(String::new());
        let shown = |number, width| {
            let layout = Layout::new(&columns(number), std::slice::from_ref(&row), Some(width));
            (layout.lines.len(), layout.left_out.len())
        };
        // What is empty has no place, and is not missed.
        assert_eq!([80, 90].map(|width| shown(MATTERS + 1, width)), [(1, 1), (1, 1)]);
        assert_eq!([79, 91].map(|width| shown(MATTERS, width)), [(2, 0), (1, 0)]);
        // From 80 on, words lose their middle for it, down to a width.
        assert_eq!([80, 90].map(|width| shown(MATTERS, width)), [(1, 0), (1, 0)]);
    }

    #[test]
    fn words_lose_their_middle_where_a_row_takes_one_line_then() {
        let columns = [
            TableColumn::text("client", WhenNarrow::Shortens(18)),
            TableColumn::text("server", WhenNarrow::Shortens(24)),
            TableColumn::text("name", WhenNarrow::Stays),
            TableColumn::text("why", WhenNarrow::Leaves(9)),
        ];
        let row = [47, 51, 13, 9].map(|width| "x".repeat(width)).to_vec();
        let shown = |width| {
            let layout = Layout::new(&columns, std::slice::from_ref(&row), Some(width));
            let widths = |line: &Vec<Placed>| line.iter().map(|placed| placed.width).collect::<Vec<_>>();
            (layout.lines.iter().map(widths).collect::<Vec<_>>(), layout.left_out.len())
        };
        // Whole while there is room; then the widest first, and other columns make no word lose more.
        assert_eq!(shown(127), (vec![vec![47, 51, 13, 9]], 0));
        assert_eq!(shown(126), (vec![vec![47, 51, 13]], 1));
        assert_eq!(shown(115), (vec![vec![47, 50, 13]], 1));
        assert_eq!(shown(80), (vec![vec![31, 31, 13]], 1));
        // Narrower than usual, nothing is lost.
        assert_eq!(shown(79), (vec![vec![47, 9], vec![51, 13]], 0));
        assert_eq!(
            wrap_shortened("[2001:db8:1:2:3:4:5:6]:43652/tcp vlan 7", 20),
            ["[2001:db8…:43652/tcp", "vlan 7"]
        );
        assert_eq!(wrap_shortened("192.0.2.7:443", 13), ["192.0.2.7:443"]);
        assert_eq!(wrap_shortened("表表表表", 5), ["表…表"]);
    }

    #[test]
    fn text_is_broken_between_words_and_inside_only_when_asked() {
        assert_eq!(wrap("one two  three", 7, false), ["one two", "three"]);
        assert_eq!(wrap("2001:db8::20 →", 6, false), ["2001:db8::20", "→"]);
        assert_eq!(wrap("a 0123456789 b", 4, true), ["a", "0123", "4567", "89 b"]);
        assert_eq!(wrap("表表表", 4, true), ["表表", "表"]);
        assert_eq!(wrap("", 4, true), [""]);
    }
}
