//! Whether the demo may touch real things. The variables that name them are an operator's production variables, so
//! they alone are never a permission.

use anyhow::{Result, bail};
use secrecy::SecretString;
use url::Url;

const MAY_WRITE: &str = "MAKERLAB_MAY_WRITE";
const SNIPEIT: &str = "SNIPEIT_URL";
const TOKEN: &str = "SNIPEIT_API_TOKEN";
const DATABASE: &str = "DATABASE_URL";
const BROKER: &str = "AMQP_URL";
const MAIL: &str = "SMTP_URL";

/// What the demo is given instead of its own.
#[derive(Debug, Clone, Default)]
pub struct Given {
    pub snipeit: Option<RealSnipeIt>,
    pub database: Option<SecretString>,
    pub broker: Option<SecretString>,
    pub mail: Option<SecretString>,
}

#[derive(Debug, Clone)]
pub struct RealSnipeIt {
    pub url: String,
    pub token: SecretString,
    pub timezone: String,
    /// Only assets whose tag begins so are touched.
    pub tag_prefix: String,
    /// E-mail of the Snipe-IT user to whom assets are checked out.
    pub borrower: String,
}

impl Given {
    /// An empty variable counts as not set.
    ///
    /// # Errors
    /// One line that names the variable to mend.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let find = |name: &str| lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let permitted = find(MAY_WRITE);
        for name in [SNIPEIT, DATABASE, BROKER, MAIL] {
            if let Some(url) = find(name) {
                check_permission(name, host_of(&url).as_deref(), permitted.as_deref())?;
            }
        }
        if find(TOKEN).is_some() && find(SNIPEIT).is_none() {
            bail!("{TOKEN} is set without {SNIPEIT}: set both or neither");
        }
        Ok(Self {
            snipeit: read_snipeit(&find)?,
            database: find(DATABASE).map(SecretString::from),
            broker: find(BROKER).map(SecretString::from),
            mail: find(MAIL).map(SecretString::from),
        })
    }
}

/// Every server that is given must be among the hosts that may be written to.
fn check_permission(variable: &str, host: Option<&str>, permitted: Option<&str>) -> Result<()> {
    let Some(host) = host else {
        bail!("{variable} is no URL with a host: unset it, or name the server that the demo may write to");
    };
    match permitted {
        Some(hosts) if hosts.split(',').any(|permitted| host.eq_ignore_ascii_case(permitted.trim())) => Ok(()),
        Some(_) => bail!("{variable}: {MAY_WRITE} does not name its host: add {host}, after a comma, if you mean it"),
        None => {
            bail!(
                "{variable} is set, which may be production: unset it, or set {MAY_WRITE}={host} if the demo may write"
            )
        }
    }
}

fn read_snipeit(find: &impl Fn(&str) -> Option<String>) -> Result<Option<RealSnipeIt>> {
    let Some(url) = find(SNIPEIT) else { return Ok(None) };
    let required = |name: &str, what: &str| match find(name) {
        Some(value) => Ok(value),
        None => bail!("{name} is missing: with {SNIPEIT} the demo needs {what}"),
    };
    Ok(Some(RealSnipeIt {
        url,
        token: required(TOKEN, "an API token of that Snipe-IT")?.into(),
        timezone: required("SNIPEIT_TIMEZONE", "the time zone of that server, its APP_TIMEZONE")?,
        tag_prefix: required("MAKERLAB_TAG_PREFIX", "the beginning of the tags of the assets that it may touch")?,
        borrower: required("MAKERLAB_BORROWER", "the e-mail of a Snipe-IT user to check assets out to")?,
    }))
}

fn host_of(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host_str().filter(|host| !host.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Given, String> {
        let find = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Given::read(find).map_err(|error| error.to_string())
    }

    const SNIPEIT_WHOLE: [(&str, &str); 5] = [
        (SNIPEIT, "https://inventory.example/snipe"),
        (TOKEN, "hunter2"),
        ("SNIPEIT_TIMEZONE", "UTC"),
        ("MAKERLAB_TAG_PREFIX", "TEST-"),
        ("MAKERLAB_BORROWER", "test@lab.example"),
    ];

    #[test]
    fn without_variables_everything_is_the_demos_own() {
        let given = read(&[(DATABASE, " "), (MAY_WRITE, "x")]).unwrap();

        assert!(given.snipeit.is_none() && given.database.is_none());
    }

    #[test]
    fn production_variables_alone_are_refused_in_one_line_that_shows_no_secret() {
        for variables in [
            &SNIPEIT_WHOLE[..],
            &[(DATABASE, "postgres://lab:hunter2@db.example/makerlab")],
            &[(BROKER, "amqp://lab:hunter2@queue.example/%2f")],
            &[(MAIL, "smtps://lab:hunter2@mail.example")],
            &[(DATABASE, "postgres:///makerlab?password=hunter2")],
            &[(TOKEN, "hunter2")],
        ] {
            let refusal = read(variables).unwrap_err();

            assert!(refusal.starts_with(variables[0].0), "{refusal}");
            assert!(!refusal.contains('\n') && !refusal.contains("hunter2"), "{refusal}");
        }
    }

    #[test]
    fn the_permission_is_for_the_named_host_only() {
        let with = |host| read(&[&SNIPEIT_WHOLE[..], &[(MAY_WRITE, host)]].concat());

        assert_eq!(with("inventory.example").unwrap().snipeit.unwrap().tag_prefix, "TEST-");
        assert!(with("other.example").unwrap_err().contains("add inventory.example"));
        let database = [(DATABASE, "postgres://lab@db.example/x"), (MAY_WRITE, "db.example")];
        assert!(read(&database).unwrap().database.is_some());
    }

    #[test]
    fn every_given_server_needs_its_own_permission() {
        let both = [(DATABASE, "postgres://lab@db.example/x"), (BROKER, "amqp://lab@queue.example/%2f")];
        let with = |hosts| read(&[&both[..], &[(MAY_WRITE, hosts)]].concat());

        assert!(with("db.example").unwrap_err().starts_with(BROKER));
        assert!(with("db.example, queue.example").unwrap().broker.is_some());
    }

    #[test]
    fn a_real_snipe_it_is_not_used_without_the_tags_that_may_be_touched() {
        for missing in 1..SNIPEIT_WHOLE.len() {
            let mut variables = SNIPEIT_WHOLE.to_vec();
            let (name, _) = variables.remove(missing);
            variables.push((MAY_WRITE, "inventory.example"));

            assert!(read(&variables).unwrap_err().starts_with(&format!("{name} is missing")));
        }
    }
}
