//! How a log note is shown: HTML-escaped (not the apostrophe), then inline Markdown. Ids with underscores do not survive it.

/// The marks in the order in which they are tried: the doubled ones first.
const MARKS: [(&str, &str); 5] = [("**", "strong"), ("__", "strong"), ("`", "code"), ("*", "em"), ("_", "em")];

pub(super) fn rendered(note: &str) -> String {
    let escaped = note.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    inline(&escaped)
}

fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        match marked(rest, out.chars().last()) {
            Some((html, length)) => {
                out.push_str(&html);
                rest = &rest[length..];
            }
            None => {
                out.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    out
}

/// The marked text that starts here, as HTML, and how many bytes it took.
fn marked(rest: &str, previous: Option<char>) -> Option<(String, usize)> {
    MARKS.iter().find_map(|(mark, tag)| {
        let inner = rest.strip_prefix(mark)?;
        let (text, after) = inner.split_once(mark)?;
        // An underscore inside a word is a letter.
        let is_in_word = |neighbour: Option<char>| neighbour.is_some_and(char::is_alphanumeric);
        let is_underscore = mark.starts_with('_');
        if text.is_empty() || is_underscore && (is_in_word(previous) || is_in_word(after.chars().next())) {
            return None;
        }
        Some((format!("<{tag}>{text}</{tag}>"), 2 * mark.len() + text.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_tags_and_an_operation_id_survives() {
        assert_eq!(rendered("_under_ **bold** `code`"), "<em>under</em> <strong>bold</strong> <code>code</code>");
        assert_eq!(rendered("__dunder__ op_01J_ABC_x a*b*c"), "<strong>dunder</strong> op_01J_ABC_x a<em>b</em>c");
        assert_eq!(rendered("R-2026-000001 [op:01JTESTOP]"), "R-2026-000001 [op:01JTESTOP]");
        assert_eq!(rendered("<b> & \"q\" 'a'"), "&lt;b&gt; &amp; &quot;q&quot; 'a'");
    }
}
