//! What the api really sends: PostgreSQL's own log of it, read back as statements with their parameters.

/// A statement as it was executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub text: String,
    /// In PostgreSQL's own notation, which it also reads; `None` is null.
    pub parameters: Vec<Option<String>>,
}

impl Statement {
    /// A lone comment asks for nothing: it is how a pool finds out whether a connection is alive.
    fn asks_nothing(&self) -> bool {
        let text = self.text.trim();
        text.is_empty() || (text.starts_with("/*") && text.find("*/") == Some(text.len() - 2))
    }
}

/// Reads what `log_statement = 'all'` wrote with the default prefix; lines about anything else are left out.
pub fn read(log: &str) -> Vec<Statement> {
    let mut statements: Vec<Statement> = Vec::new();
    for entry in entries(log) {
        if let Some(text) = executed(&entry) {
            statements.push(Statement { text: text.to_owned(), parameters: Vec::new() });
        } else if let (Some((_, words)), Some(last)) = (entry.split_once("] DETAIL:  "), statements.last_mut())
            && let Some(("parameters" | "Parameters", values)) = words.split_once(": ")
        {
            last.parameters = parameters(values);
        }
    }
    statements.retain(|statement| !statement.asks_nothing());
    statements
}

/// The lines of one entry together: those that follow the first begin with a tab.
fn entries(log: &str) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    for line in log.lines() {
        match (line.strip_prefix('\t'), entries.last_mut()) {
            (Some(rest), Some(entry)) => {
                entry.push('\n');
                entry.push_str(rest);
            }
            (Some(_), None) | (None, _) => entries.push(line.to_owned()),
        }
    }
    entries
}

/// `LOG:  statement: commit` or `LOG:  execute sqlx_s_3: select …`.
fn executed(entry: &str) -> Option<&str> {
    let (_, words) = entry.split_once("] LOG:  ")?;
    match words.strip_prefix("statement: ") {
        Some(text) => Some(text),
        None => words.strip_prefix("execute ")?.split_once(": ").map(|(_name, text)| text),
    }
}

/// `$1 = 'it''s', $2 = NULL`
fn parameters(mut rest: &str) -> Vec<Option<String>> {
    let mut values = Vec::new();
    while let Some((_number, value)) = rest.split_once(" = ") {
        let Some(quoted) = value.strip_prefix('\'') else {
            values.push(None);
            rest = value.split_once(", ").map_or("", |(_, next)| next);
            continue;
        };
        let end = end_of_quoted(quoted);
        values.push(Some(quoted[..end].replace("''", "'")));
        rest = &quoted[end..];
    }
    values
}

/// Where the quote stands that is not doubled.
fn end_of_quoted(text: &str) -> usize {
    let mut from = 0;
    while let Some(quote) = text[from..].find('\'').map(|at| from + at) {
        if !text[quote + 1..].starts_with('\'') {
            return quote;
        }
        from = quote + 2;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_read_with_their_parameters_and_pings_are_none() {
        let log = "2026-11-23 20:00:00.000 UTC [7] LOG:  statement: /* SQLx ping */\n\
                   2026-11-23 20:00:00.001 UTC [7] LOG:  statement: BEGIN\n\
                   2026-11-23 20:00:00.002 UTC [7] LOG:  execute sqlx_s_3: insert into jobs\n\
                   \t values ($1, $2, $3, $4)\n\
                   2026-11-23 20:00:00.002 UTC [7] DETAIL:  parameters: $1 = 'it''s, $9 = one', $2 = NULL, $3 = '', $4 = 'two\n\
                   \tlines'\n\
                   2026-11-23 20:00:00.003 UTC [9] LOG:  checkpoint starting: time\n\
                   2026-11-23 20:00:00.004 UTC [7] LOG:  statement: COMMIT\n";

        let statements = read(log);

        let texts: Vec<_> = statements.iter().map(|statement| statement.text.as_str()).collect();
        assert_eq!(texts, ["BEGIN", "insert into jobs\n values ($1, $2, $3, $4)", "COMMIT"]);
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(statements[1].parameters, [some("it's, $9 = one"), None, some(""), some("two\nlines")]);
    }
}
