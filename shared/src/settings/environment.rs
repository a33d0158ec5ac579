//! Reading variables: typed, with one line for each wrong one, all of them reported at once.
//!
//! An empty variable counts as missing, because `NAME=` is what a compose file makes of "not set".

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono_tz::Tz;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{MaskedUrl, SecretSource, WrongSetting, WrongSettings, parse_duration};

/// The variables of the process, or those of a test. `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Environment {
    values: BTreeMap<String, String>,
}

impl Environment {
    /// Variables that are not UTF-8 are left out: none of ours may be anything else.
    pub fn of_process() -> Self {
        let utf8 =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self { values: utf8.collect() }
    }

    pub fn from_pairs<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self { values: pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect() }
    }

    /// Runs one loader and reports everything that it noted, also when the loader itself could go on.
    pub fn read<T>(&self, load: impl FnOnce(&Reader<'_>) -> Result<T, Noted>) -> Result<T, WrongSettings> {
        let reader = Reader { environment: self, wrong: RefCell::default() };
        let loaded = load(&reader);
        let wrong = reader.wrong.into_inner();
        match loaded {
            Ok(settings) if wrong.is_empty() => Ok(settings),
            Ok(_) | Err(Noted(())) => Err(WrongSettings(wrong)),
        }
    }

    fn find(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

/// The problem has been noted by the [`Reader`]; there is nothing more to say.
///
/// A loader first reads all its variables, then uses `?` on them, so that one wrong variable does not hide the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noted(());

/// What loaders read from. `what` completes the sentence "set it to …".
pub struct Reader<'a> {
    environment: &'a Environment,
    wrong: RefCell<Vec<WrongSetting>>,
}

impl Reader<'_> {
    /// The text of a variable that may be missing.
    pub fn optional(&self, name: &str) -> Option<String> {
        self.environment.find(name).map(str::to_owned)
    }

    pub fn required(&self, name: &str, what: &str) -> Result<String, Noted> {
        self.optional(name).ok_or_else(|| self.note_missing(name, what))
    }

    pub fn text(&self, name: &str, default: &str) -> String {
        self.optional(name).unwrap_or_else(|| default.to_owned())
    }

    /// A value with a default, which also serves as the example in the error.
    pub fn parsed<T>(&self, name: &str, default: T) -> Result<T, Noted>
    where
        T: FromStr<Err: fmt::Display> + fmt::Display,
    {
        let Some(text) = self.environment.find(name) else { return Ok(default) };
        text.parse().map_err(|error| {
            self.note(name, format!("is {text:?}, which cannot be read ({error}): set it to a value like {default}"))
        })
    }

    pub fn duration(&self, name: &str, default: Duration) -> Result<Duration, Noted> {
        let Some(text) = self.environment.find(name) else { return Ok(default) };
        parse_duration(text).map_err(|error| self.note(name, format!("({text:?}) {error}")))
    }

    pub fn timezone(&self, name: &str, what: &str) -> Result<Tz, Noted> {
        let text = self.required(name, what)?;
        text.parse().map_err(|_| self.note(name, format!("is {text:?}, which is no time zone: set it to {what}")))
    }

    /// A URL without a secret in it, or with one that is then masked. The value is not part of the error.
    pub fn url(&self, name: &str, schemes: &[&str], what: &str) -> Result<MaskedUrl, Noted> {
        let text = self.required(name, what)?;
        self.checked_url(name, &text, schemes).map(MaskedUrl::new)
    }

    pub fn optional_url(&self, name: &str, schemes: &[&str]) -> Result<Option<MaskedUrl>, Noted> {
        let Some(text) = self.environment.find(name) else { return Ok(None) };
        self.checked_url(name, text, schemes).map(|url| Some(MaskedUrl::new(url)))
    }

    /// A secret from `name` or from the file named by `<name>_FILE`.
    pub fn secret(&self, name: &str, what: &str) -> Result<SecretString, Noted> {
        self.secret_source(name, what)?.read().map_err(|error| self.note_unreadable(name, &error))
    }

    /// As [`Self::secret`], for a secret that must be read again later. What cannot be read now is refused now.
    pub fn secret_source(&self, name: &str, what: &str) -> Result<SecretSource, Noted> {
        let file_name = file_variable(name);
        let source = match (self.environment.find(name), self.environment.find(&file_name)) {
            (Some(_), Some(_)) => {
                return Err(self.note(name, format!("and {file_name} are both set: unset one of them")));
            }
            (Some(value), None) => SecretSource::Value(value.to_owned().into()),
            (None, Some(path)) => SecretSource::File(path.into()),
            (None, None) => return Err(self.note(name, format!("is missing: set it (or {file_name}) to {what}"))),
        };
        source.read().map_err(|error| self.note_unreadable(name, &error))?;
        Ok(source)
    }

    /// A URL that carries credentials and is handed on whole, as a secret.
    pub fn secret_url(&self, name: &str, schemes: &[&str], what: &str) -> Result<SecretString, Noted> {
        let secret = self.secret(name, what)?;
        self.checked_url(name, secret.expose_secret(), schemes)?;
        Ok(secret)
    }

    /// Notes a problem that only shows when several variables are seen together.
    pub fn note(&self, name: &str, problem: impl Into<String>) -> Noted {
        self.wrong.borrow_mut().push(WrongSetting { name: name.to_owned(), problem: problem.into() });
        Noted(())
    }

    fn checked_url(&self, name: &str, text: &str, schemes: &[&str]) -> Result<Url, Noted> {
        let expected = format!("set it to a URL that starts with {}://", schemes.join(":// or "));
        // Neither the text nor the parser's view of it is shown: a password may stand in it.
        let url = Url::parse(text).map_err(|_| self.note(name, format!("is no URL: {expected}")))?;
        if !schemes.contains(&url.scheme()) || !url.has_host() {
            return Err(self.note(name, format!("is a URL of another kind: {expected}")));
        }
        Ok(url)
    }

    fn note_missing(&self, name: &str, what: &str) -> Noted {
        self.note(name, format!("is missing: set it to {what}"))
    }

    fn note_unreadable(&self, name: &str, error: &std::io::Error) -> Noted {
        let read_from = if self.environment.find(name).is_some() { name.to_owned() } else { file_variable(name) };
        self.note(&read_from, format!("cannot be used: {error}"))
    }
}

fn file_variable(name: &str) -> String {
    format!("{name}_FILE")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines<T: fmt::Debug>(pairs: &[(&str, &str)], load: impl FnOnce(&Reader<'_>) -> Result<T, Noted>) -> Vec<String> {
        let wrong = Environment::from_pairs(pairs.iter().copied()).read(load).unwrap_err();
        wrong.to_string().lines().map(str::to_owned).collect()
    }

    #[test]
    fn every_wrong_variable_gets_its_own_line() {
        let lines = lines(&[("POOL", "many"), ("WAIT", "3")], |env| {
            let zone = env.timezone("ZONE", "a zone like Europe/Lisbon");
            let pool = env.parsed("POOL", 10_u32);
            let wait = env.duration("WAIT", Duration::from_secs(3));
            Ok((zone?, pool?, wait?))
        });

        assert_eq!(
            lines,
            [
                "ZONE is missing: set it to a zone like Europe/Lisbon",
                "POOL is \"many\", which cannot be read (invalid digit found in string): set it to a value like 10",
                "WAIT (\"3\") is not a duration: write a whole number with a unit, like 500ms, 30s, 2m or 1h",
            ]
        );
    }

    #[test]
    fn an_empty_variable_counts_as_missing() {
        let environment = Environment::from_pairs([("NAME", "  ")]);

        let wrong = environment.read(|env| env.required("NAME", "a name")).unwrap_err();

        assert_eq!(wrong.to_string(), "NAME is missing: set it to a name");
    }

    #[test]
    fn a_noted_problem_refuses_the_settings_even_if_the_loader_goes_on() {
        let result = Environment::default().read(|env| {
            env.note("LEASE", "is too short");
            Ok(1)
        });

        assert_eq!(result.unwrap_err().to_string(), "LEASE is too short");
    }

    #[test]
    fn a_secret_comes_from_the_variable_or_from_a_file_but_not_from_both() {
        let file = std::env::temp_dir().join(format!("makerlab-settings-{}", std::process::id()));
        std::fs::write(&file, "from-file\n").unwrap();
        let path = file.to_str().unwrap();
        let read = |pairs: &[(&str, &str)]| {
            Environment::from_pairs(pairs.iter().copied())
                .read(|env| env.secret("TOKEN", "a token"))
                .map(|secret| secret.expose_secret().to_owned())
                .map_err(|wrong| wrong.to_string())
        };

        assert_eq!(read(&[("TOKEN", "from-variable")]), Ok("from-variable".to_owned()));
        assert_eq!(read(&[("TOKEN_FILE", path)]), Ok("from-file".to_owned()));
        assert_eq!(
            read(&[("TOKEN", "from-variable"), ("TOKEN_FILE", path)]),
            Err("TOKEN and TOKEN_FILE are both set: unset one of them".to_owned())
        );
        assert_eq!(read(&[]), Err("TOKEN is missing: set it (or TOKEN_FILE) to a token".to_owned()));
        std::fs::remove_file(&file).unwrap();
        let gone = read(&[("TOKEN_FILE", path)]).unwrap_err();
        assert!(gone.starts_with("TOKEN_FILE cannot be used: "), "{gone}");
    }

    #[test]
    fn no_error_and_no_debug_output_shows_a_secret() {
        let environment = Environment::from_pairs([
            ("TOKEN", "hunter2"),
            ("WRONG_SCHEME", "http://lab:hunter2@db/makerlab"),
            ("NO_URL", "hunter2"),
        ]);

        let token = environment.read(|env| env.secret("TOKEN", "a token"));
        let wrong = environment.read(|env| {
            let first = env.secret_url("WRONG_SCHEME", &["postgres"], "the database");
            let second = env.secret_url("NO_URL", &["postgres"], "the database");
            let third = env.url("NO_URL", &["https"], "a server");
            Ok((first?, second?, third?))
        });

        let shown = format!("{environment:?} {token:?} {wrong:?} {}", wrong.as_ref().unwrap_err());
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
