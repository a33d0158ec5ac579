//! One letter that tells several things: what waits for the reader first, then what happened, by requisition.

use super::{
    compose::{
        ComposeError, Composed, Composer, MailContext, is_web, language_tag, one_line, split_prose, subject_of, tidy,
    },
    dates, templates,
};
use chrono::{DateTime, Utc};
use makerlab_shared::domain::{
    notification::NotificationEvent,
    person::{Language, PersonName},
};
use minijinja::{Value, context, value::Serde};
use serde::Serialize;
use url::Url;

/// What a digest tells. Holds personal data, hence no `Debug`.
#[derive(Clone)]
pub struct DigestContext {
    pub recipient_name: PersonName,
    /// In the order in which they happened.
    pub entries: Vec<DigestEntry>,
}

#[derive(Clone)]
pub struct DigestEntry {
    pub event: NotificationEvent,
    pub at: DateTime<Utc>,
    /// As for a letter of its own; its lines are not told.
    pub context: MailContext,
}

#[derive(Serialize)]
struct Section {
    kind: &'static str,
    groups: Vec<Group>,
}

/// All about one requisition, one project, or whoever is away.
#[derive(Serialize)]
struct Group {
    heading: String,
    link: Option<String>,
    link_label: &'static str,
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    when: String,
    short: String,
    reason: Option<String>,
    message: Option<String>,
}

impl Composer {
    pub fn compose_digest(&self, language: Language, digest: &DigestContext) -> Result<Composed, ComposeError> {
        let failed = |source| ComposeError::Digest { language, source };
        let around =
            self.render(&templates::digest_in(language), context! { count => digest.entries.len() }).map_err(failed)?;
        let (head, paragraphs) = split_prose(&around).ok_or(ComposeError::DigestShape { language })?;
        let (Some(subject), [opening, closing]) = (subject_of(head), paragraphs.as_slice()) else {
            return Err(ComposeError::DigestShape { language });
        };
        let (tasks, news): (Vec<_>, Vec<_>) = digest.entries.iter().partition(|entry| entry.event.must_be_heard());
        let sections = [("tasks", tasks), ("news", news)].into_iter().filter(|(_, entries)| !entries.is_empty());
        let sections = sections
            .map(|(kind, entries)| Ok(Section { kind, groups: self.groups(language, &entries)? }))
            .collect::<Result<Vec<_>, ComposeError>>()?;
        let page = context! {
            language => language.as_str(), language_tag => language_tag(language),
            recipient_name => one_line(digest.recipient_name.expose()),
            subject => &subject, opening, closing,
            sections => Value::from(Serde(sections)),
        };
        let text = self.render("digest.txt", page.clone()).map_err(failed)?;
        let html = self.render("digest.html", page).map_err(failed)?;
        Ok(Composed { subject, text: tidy(&text), html })
    }

    fn groups(&self, language: Language, entries: &[&DigestEntry]) -> Result<Vec<Group>, ComposeError> {
        let mut groups: Vec<Group> = Vec::new();
        for DigestEntry { event, at, context } in entries.iter().copied() {
            let entry = Entry {
                when: dates::weekday_and_time(*at, self.zone, language),
                short: self.short(*event, language, context)?,
                reason: context.reason.as_deref().map(one_line),
                message: context.message.as_deref().map(one_line),
            };
            let heading = heading(context);
            let link = context.link.as_ref().filter(|url| is_web(url)).map(Url::to_string);
            match groups.iter_mut().find(|group| group.heading == heading && group.link == link) {
                Some(group) => group.entries.push(entry),
                None => groups.push(Group { heading, link, link_label: link_label(context), entries: vec![entry] }),
            }
        }
        Ok(groups)
    }
}

fn heading(context: &MailContext) -> String {
    match (&context.requisition, &context.deputy) {
        (None, Some(deputy)) => one_line(deputy.absent.expose()),
        (None, None) => one_line(&context.project_name),
        (Some(requisition), _) => format!("{}, {}", one_line(&requisition.number), one_line(&context.project_name)),
    }
}

fn link_label(context: &MailContext) -> &'static str {
    if context.requisition.is_none() { "link_project" } else { "link" }
}
