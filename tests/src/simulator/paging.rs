//! `limit`, `offset`, `sort` and `search`, with the server's own idea of each.

use super::input::Input;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    limit: usize,
    offset: usize,
}

impl Page {
    /// `max_results`: what a limit that is missing, 0, not a number or larger silently becomes.
    pub(super) fn of(query: &Input, max_results: usize) -> Self {
        let limit = query.number("limit").map_or(0, |limit| limit.unsigned_abs() as usize);
        let offset = match (query.text("offset"), query.number("offset")) {
            (None, _) => 0,
            (Some(_), Some(offset)) => offset.max(0) as usize,
            // Compared as text, a word lies behind every number: past the end.
            (Some(_), None) => usize::MAX,
        };
        Self { limit: if limit == 0 || limit > max_results { max_results } else { limit }, offset }
    }

    pub(super) fn cut<T>(self, rows: Vec<T>) -> impl Iterator<Item = T> {
        rows.into_iter().skip(self.offset).take(self.limit)
    }
}

/// Everything but `asc` means descending.
pub(super) fn is_ascending(query: &Input) -> bool {
    query.text("order").as_deref() == Some("asc")
}

/// A search as the server builds it: ` OR ` splits it, each part is a SQL `LIKE` around which anything may stand.
#[derive(Debug)]
pub(super) struct Search {
    parts: Vec<String>,
}

impl Search {
    pub(super) fn of(query: &Input) -> Option<Self> {
        let text = query.text("search")?;
        Some(Self { parts: text.split(" OR ").map(|part| part.trim().to_lowercase()).collect() })
    }

    pub(super) fn finds(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.parts.iter().any(|part| is_like(&text, part))
    }
}

fn is_like(text: &str, pattern: &str) -> bool {
    if !pattern.contains(['%', '_']) {
        return text.contains(pattern);
    }
    let text: Vec<char> = text.chars().collect();
    let pattern: Vec<char> = std::iter::once('%').chain(pattern.chars()).chain(['%']).collect();
    matches_like(&text, &pattern)
}

/// The usual two-pointer walk with one point to come back to: linear enough for texts of a log.
fn matches_like(text: &[char], pattern: &[char]) -> bool {
    let (mut t, mut p, mut back) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('%') => {
                back = Some((p, t));
                p += 1;
            }
            Some('_') => (t, p) = (t + 1, p + 1),
            Some(wanted) if *wanted == text[t] => (t, p) = (t + 1, p + 1),
            _ => {
                let Some((percent, from)) = back else {
                    return false;
                };
                back = Some((percent, from + 1));
                (t, p) = (from + 1, percent + 1);
            }
        }
    }
    pattern[p..].iter().all(|rest| *rest == '%')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str) -> (usize, usize) {
        let page = Page::of(&Input::query(query), 500);
        (page.limit, page.offset)
    }

    #[test]
    fn a_limit_that_makes_no_sense_silently_becomes_the_largest() {
        assert_eq!(page(""), (500, 0));
        assert_eq!(page("limit=0"), (500, 0));
        assert_eq!(page("limit=501"), (500, 0));
        assert_eq!(page("limit=abc"), (500, 0));
        assert_eq!(page("limit=-3&offset=-1"), (3, 0));
        assert_eq!(page("limit=2&offset=xyz"), (2, usize::MAX));
    }

    #[test]
    fn percent_and_underscore_are_wildcards_and_or_splits() {
        let finds = |search: &str, text: &str| {
            let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("search", search).finish();
            Search::of(&Input::query(&query)).unwrap().finds(text)
        };
        assert!(finds("%", "anything"));
        assert!(finds("ML_0001", "ml-0001"));
        assert!(finds("a%z", "xx abc z"));
        assert!(!finds("a%z", "xx abc"));
        assert!(finds("one OR two", "two"));
    }
}
