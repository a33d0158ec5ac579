//! The same statements for pgbench, made from two submits that the api really sent.
//!
//! Two submits with the same body differ exactly in what a submit makes anew: ids, the key of the request and the
//! number of its lock. Those become variables that differ each time; everything else stays as it was sent.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use uuid::Uuid;

use super::statements::Statement;

/// What one submit sent, and the key by which it was named.
#[derive(Debug, Clone)]
pub struct Submit {
    pub key: String,
    pub statements: Vec<Statement>,
}

impl Submit {
    /// Whether both sent the same statements, whatever the values in them.
    pub fn is_like(&self, other: &Self) -> bool {
        let texts = |submit: &Self| submit.statements.iter().map(|said| said.text.clone()).collect::<Vec<_>>();
        texts(self) == texts(other)
    }
}

#[derive(Debug, Clone)]
pub struct Script {
    pub text: String,
    /// Values that stay, by the name of their variable. Beside the script, where a colon in them means nothing.
    pub values: BTreeMap<String, String>,
}

/// Set per run of pgbench, so that runs do not meet: see [`Script::from_submits`].
pub const RUN: &str = "run";

impl Script {
    /// # Errors
    /// When the two submits did not send the same statements.
    pub fn from_submits(one: &Submit, other: &Submit) -> anyhow::Result<Self> {
        ensure!(one.is_like(other), "two equal submits sent different statements");
        let mut draft = Draft { one, other, fresh: Vec::new(), values: BTreeMap::new() };
        let mut body = String::new();
        for (index, statement) in one.statements.iter().enumerate() {
            body.push_str(&draft.statement(index, statement)?);
            body.push_str(";\n");
        }
        let head = head(draft.fresh.len());
        Ok(Self { text: head + &body, values: draft.values })
    }
}

/// Numbers that grow with time, as the api's ids do: random ones would cost the indexes more.
fn head(fresh: usize) -> String {
    let step = fresh + 1;
    let mut head = format!(
        "\\set n :n + 1\n\\set base :{RUN} * 1000000000000 + (:n * 1000 + :client_id) * {step}\n\
         \\set lock random(1, 9223372036854775806)\n\\set key :base\n"
    );
    for number in 1..=fresh {
        head.push_str(&format!("\\set id{number} :base + {number}\n"));
    }
    head
}

struct Draft<'a> {
    one: &'a Submit,
    other: &'a Submit,
    /// The ids that the first submit made, in the order in which they were met.
    fresh: Vec<Uuid>,
    values: BTreeMap<String, String>,
}

impl Draft<'_> {
    fn statement(&mut self, index: usize, statement: &Statement) -> anyhow::Result<String> {
        let mut script = String::new();
        let mut rest = statement.text.trim().trim_end_matches(';');
        while let Some((before, after)) = rest.split_once('$') {
            let digits = after.len() - after.trim_start_matches(|sign: char| sign.is_ascii_digit()).len();
            let number: usize = after[..digits].parse().context("a dollar sign that begins no parameter")?;
            script.push_str(before);
            script.push_str(&self.parameter(index, number)?);
            rest = &after[digits..];
        }
        script.push_str(rest);
        Ok(script)
    }

    fn parameter(&mut self, index: usize, number: usize) -> anyhow::Result<String> {
        let value = |submit: &Submit| submit.statements[index].parameters.get(number - 1).cloned();
        let (one, other) = (value(self.one), value(self.other));
        let one = one.with_context(|| format!("parameter {number} of statement {index} was not logged"))?;
        let Some(one) = one else { return Ok("null".to_owned()) };
        let other = other.flatten();
        if other.as_deref() != Some(&one)
            && let Some(fresh) = self.made_anew(&one, other.as_deref().unwrap_or_default())
        {
            return Ok(fresh);
        }
        let name = format!("s{index}p{number}");
        let variable = format!(":{name}");
        self.values.insert(name, one);
        Ok(variable)
    }

    /// Instants, and texts in which an id is written out, differ as well and may be the same each time.
    fn made_anew(&mut self, one: &str, other: &str) -> Option<String> {
        if one == self.one.key {
            return Some(":key".to_owned());
        }
        if one.parse::<i64>().is_ok() {
            return Some(":lock".to_owned());
        }
        // First, because an id in braces is also read as an id.
        if let Some(ids) = ids_in_array(one) {
            return Some(self.array(&ids, &ids_in_array(other).unwrap_or_default()));
        }
        one.parse().ok().map(|id| self.id(id))
    }

    fn array(&mut self, one: &[Option<Uuid>], other: &[Option<Uuid>]) -> String {
        let items = one.iter().enumerate().map(|(index, id)| match id {
            None => "null".to_owned(),
            Some(id) if other.get(index) == Some(&Some(*id)) => format!("'{id}'"),
            Some(id) => self.id(*id),
        });
        format!("array[{}]::uuid[]", items.collect::<Vec<_>>().join(", "))
    }

    /// Digits are hexadecimal digits too.
    fn id(&mut self, id: Uuid) -> String {
        let known = self.fresh.iter().position(|fresh| *fresh == id);
        let number = 1 + known.unwrap_or_else(|| {
            self.fresh.push(id);
            self.fresh.len() - 1
        });
        format!("lpad(:id{number}::text, 32, '0')::uuid")
    }
}

/// `{0190…,NULL}`
fn ids_in_array(text: &str) -> Option<Vec<Option<Uuid>>> {
    let items = text.strip_prefix('{')?.strip_suffix('}')?.split(',');
    items.map(|item| if item == "NULL" { Some(None) } else { item.parse().ok().map(Some) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIXED: &str = "00000000-0000-0000-0000-0000000000aa";

    fn submit(key: &str, lock: &str, id: &str) -> Submit {
        let statement = |text: &str, parameters: &[Option<String>]| Statement {
            text: text.to_owned(),
            parameters: parameters.to_vec(),
        };
        let some = |text: &str| Some(text.to_owned());
        Submit {
            key: key.to_owned(),
            statements: vec![
                statement("select lock($1) where key = $2", &[some(lock), some(key)]),
                statement("insert into lines values ($1, $2, $3)", &[some(id), some(FIXED), None]),
                statement("insert into history select unnest($1::uuid[])", &[Some(format!("{{{id},{FIXED},NULL}}"))]),
                statement("insert into jobs select unnest($1::uuid[])", &[Some(format!("{{{id}}}"))]),
            ],
        }
    }

    #[test]
    fn what_differs_between_two_submits_is_made_anew_and_the_rest_stays() {
        let one = submit("key-1", "17", "00000000-0000-0000-0000-000000000001");
        let other = submit("key-2", "-4", "00000000-0000-0000-0000-000000000002");

        let script = Script::from_submits(&one, &other).unwrap();

        let statements = &script.text[script.text.find("select").unwrap()..];
        insta::assert_snapshot!(statements, @r"
        select lock(:lock) where key = :key;
        insert into lines values (lpad(:id1::text, 32, '0')::uuid, :s1p2, null);
        insert into history select unnest(array[lpad(:id1::text, 32, '0')::uuid, '00000000-0000-0000-0000-0000000000aa', null]::uuid[]::uuid[]);
        insert into jobs select unnest(array[lpad(:id1::text, 32, '0')::uuid]::uuid[]::uuid[]);
        ");
        assert_eq!(script.values, BTreeMap::from([("s1p2".to_owned(), FIXED.to_owned())]));
    }

    #[test]
    fn submits_that_sent_different_statements_are_refused() {
        let one = submit("key-1", "17", "00000000-0000-0000-0000-000000000001");
        let mut other = one.clone();
        other.statements.pop();

        assert!(Script::from_submits(&one, &other).is_err());
    }
}
