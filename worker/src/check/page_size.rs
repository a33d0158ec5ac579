//! How many rows Snipe-IT gives at once.

use super::{
    evidence::Seen,
    report::{Check, Row},
};
use crate::snipeit::{PAGE_SIZE, Page};

pub(super) fn judge<T>(assets: &Seen<Page<T>>) -> Row {
    match assets {
        Ok(read) => {
            let page = &read.value;
            of(u64::from(PAGE_SIZE), (page.rows.len() + page.unreadable.len()) as u64, page.total)
        }
        Err(failure) => Row::cannot_tell(Check::PageSize, failure.to_string(), "See assets.view first."),
    }
}

fn of(asked: u64, came: u64, total: u64) -> Row {
    let wanted = asked.min(total);
    if came >= wanted {
        return Row::ok(Check::PageSize, format!("{came} of {total} assets on the first page"));
    }
    let calls = |rows: u64| total.div_ceil(rows.max(1));
    Row::warning(
        Check::PageSize,
        format!("{came} rows at once, so {} calls for {total} assets instead of {}", calls(came), calls(asked)),
        format!("Set MAX_RESULTS={asked} in Snipe-IT's .env."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::State;

    #[test]
    fn a_page_is_short_only_if_more_was_there() {
        assert_eq!(of(500, 30, 30).state, State::Ok);
        assert_eq!(of(500, 500, 1200).state, State::Ok);
        let short = of(500, 100, 1200);
        assert_eq!((short.state, short.seen.contains("12 calls")), (State::Warning, true));
    }
}
