//! From an event to words: subject, text and HTML in the reader's language.
//!
//! Every value that people or Snipe-IT wrote is squeezed onto one line before a template sees it, so no value can
//! start a header, a paragraph or a quotation of its own; the HTML escapes by itself.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use makerlab_shared::domain::notification::NotificationEvent;
use makerlab_shared::domain::person::{Language, PersonName};
use makerlab_shared::domain::project::MemberRole;
use makerlab_shared::domain::requisition::ReturnCondition;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde::Serialize;
use url::Url;

use super::{dates, templates};

const LONGEST_SUBJECT: usize = 150;

/// What a letter may mention. Holds personal data, hence no `Debug`.
#[derive(Clone)]
pub struct MailContext {
    pub recipient_name: PersonName,
    /// Empty where the letter is about no project.
    pub project_name: String,
    /// `None`: the letter is about the project itself, or about no project.
    pub requisition: Option<MailRequisition>,
    /// In whose place the reader decides, where the letter is about that.
    pub deputy: Option<MailDeputy>,
    /// What the reader is in the project, where that is told.
    pub role: Option<MemberRole>,
    /// Why it is so: a person's words, or the lab's in the reader's language.
    pub reason: Option<String>,
    /// What is kept, where the letter is about no requisition.
    pub equipment: Option<String>,
    /// Snipe-IT's own words, quoted.
    pub message: Option<String>,
    /// Where it can be seen; anything but http and https is left out.
    pub link: Option<Url>,
}

/// Who is away, from when until when.
#[derive(Clone)]
pub struct MailDeputy {
    pub absent: PersonName,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

#[derive(Clone)]
pub struct MailRequisition {
    /// As people say it: `R-2026-000123`.
    pub number: String,
    pub purpose: String,
    pub lines: Vec<MailLine>,
    pub from: DateTime<Utc>,
    pub due: DateTime<Utc>,
    /// The unit that the letter is about more closely.
    pub unit: Option<MailUnit>,
}

/// One unit, its loan's due date, and how it came back.
#[derive(Clone)]
pub struct MailUnit {
    pub description: String,
    pub tag: String,
    pub due: DateTime<Utc>,
    pub condition: Option<ReturnCondition>,
    pub borrower: PersonName,
    /// Until when more time was asked for.
    pub wished_until: Option<DateTime<Utc>>,
}

#[derive(Clone, Default)]
pub struct MailLine {
    pub description: String,
    pub quantity: u32,
    /// Tags of the units given or promised.
    pub units: Vec<String>,
    pub outcome: Option<LineOutcome>,
    /// How many were asked for, if fewer are given.
    pub asked: Option<u32>,
    /// What was asked for, if something else is given.
    pub instead_of: Option<String>,
    /// Why a person decided so about this line.
    pub reason: Option<String>,
}

/// What became of a line. The words for it stand in `labels.txt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineOutcome {
    Reserved,
    HandedOver,
    CheckedOut,
    BeingVerified,
    Failed,
    Returned,
    Lost,
    Cancelled,
    Rejected,
    Lapsed,
}

impl LineOutcome {
    pub const ALL: [Self; 10] = [
        Self::Reserved,
        Self::HandedOver,
        Self::CheckedOut,
        Self::BeingVerified,
        Self::Failed,
        Self::Returned,
        Self::Lost,
        Self::Cancelled,
        Self::Rejected,
        Self::Lapsed,
    ];
}

/// A letter's words, without an envelope.
#[derive(Clone, PartialEq, Eq)]
pub struct Composed {
    pub subject: String,
    pub text: String,
    pub html: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    #[error("could not render the letter `{event}` in `{language}`")]
    Render {
        event: NotificationEvent,
        language: Language,
        #[source]
        source: minijinja::Error,
    },
    #[error("the letter `{event}` in `{language}` does not begin with `Subject:`, `Short:` and a blank line")]
    Shape { event: NotificationEvent, language: Language },
    #[error("could not render the digest in `{language}`")]
    Digest {
        language: Language,
        #[source]
        source: minijinja::Error,
    },
    #[error("the digest in `{language}` is not `Subject:`, a blank line and two paragraphs")]
    DigestShape { language: Language },
}

pub struct Composer {
    templates: Environment<'static>,
    pub(super) zone: Tz,
}

impl Composer {
    /// `zone` is the lab's (`LAB_TIMEZONE`): dates in letters are wall time at the counter.
    pub fn new(zone: Tz) -> Self {
        Self { templates: templates::environment(), zone }
    }

    pub fn compose(
        &self,
        event: NotificationEvent,
        language: Language,
        context: &MailContext,
    ) -> Result<Composed, ComposeError> {
        let render_error = |source| ComposeError::Render { event, language, source };
        let facts = Value::from(Serde(Facts::of(context, self.zone, language)));
        let Prose { subject, paragraphs, .. } = self.prose(event, language, facts.clone())?;

        let page = context! {
            language => language.as_str(), language_tag => language_tag(language),
            subject => &subject, paragraphs,
            ..facts
        };
        let text = self.render("letter.txt", page.clone()).map_err(render_error)?;
        let html = self.render("letter.html", page).map_err(render_error)?;
        Ok(Composed { subject, text: tidy(&text), html })
    }

    /// An event in a few words, as a digest has it.
    pub(super) fn short(
        &self,
        event: NotificationEvent,
        language: Language,
        context: &MailContext,
    ) -> Result<String, ComposeError> {
        let facts = Value::from(Serde(Facts::of(context, self.zone, language)));
        Ok(self.prose(event, language, facts)?.short)
    }

    fn prose(&self, event: NotificationEvent, language: Language, facts: Value) -> Result<Prose, ComposeError> {
        let prose = self
            .render(&templates::name_of(event, language), facts)
            .map_err(|source| ComposeError::Render { event, language, source })?;
        Prose::parse(&prose).ok_or(ComposeError::Shape { event, language })
    }

    pub(super) fn render(&self, name: &str, context: Value) -> Result<String, minijinja::Error> {
        self.templates.get_template(name)?.render(context)
    }
}

/// The context as templates see it: one line per value, dates in words.
#[derive(Serialize)]
struct Facts {
    recipient_name: String,
    project_name: String,
    #[serde(flatten)]
    requisition: RequisitionFacts,
    #[serde(flatten)]
    deputy: DeputyFacts,
    role: Option<MemberRole>,
    reason: Option<String>,
    equipment: Option<String>,
    message: Option<String>,
    link: Option<String>,
}

/// Empty in a letter about a project.
#[derive(Serialize, Default)]
struct RequisitionFacts {
    requisition_number: String,
    purpose: String,
    lines: Vec<LineFacts>,
    from: String,
    due: String,
    /// Like `Oscilloscope DS1054Z (ML-00031)`.
    unit: String,
    unit_due: String,
    borrower: String,
    /// Empty: no more time is asked for.
    wished_until: String,
    condition: Option<ReturnCondition>,
}

/// Empty in a letter about anything else.
#[derive(Serialize, Default)]
struct DeputyFacts {
    absent: String,
    away_from: String,
    away_until: String,
}

#[derive(Serialize)]
struct LineFacts {
    description: String,
    quantity: u32,
    units: Vec<String>,
    outcome: Option<LineOutcome>,
    asked: Option<u32>,
    instead_of: Option<String>,
    reason: Option<String>,
}

impl Facts {
    fn of(context: &MailContext, zone: Tz, language: Language) -> Self {
        let requisition = context.requisition.as_ref();
        Self {
            recipient_name: one_line(context.recipient_name.expose()),
            project_name: one_line(&context.project_name),
            requisition: requisition.map(|told| RequisitionFacts::of(told, zone, language)).unwrap_or_default(),
            deputy: context.deputy.as_ref().map(|told| DeputyFacts::of(told, zone, language)).unwrap_or_default(),
            role: context.role,
            reason: context.reason.as_deref().map(one_line),
            equipment: context.equipment.as_deref().map(one_line),
            message: context.message.as_deref().map(one_line),
            link: context.link.as_ref().filter(|url| is_web(url)).map(Url::to_string),
        }
    }
}

impl RequisitionFacts {
    fn of(requisition: &MailRequisition, zone: Tz, language: Language) -> Self {
        let unit = requisition.unit.as_ref();
        Self {
            requisition_number: one_line(&requisition.number),
            purpose: one_line(&requisition.purpose),
            lines: requisition.lines.iter().map(LineFacts::of).collect(),
            from: dates::in_words(requisition.from, zone, language),
            due: dates::in_words(requisition.due, zone, language),
            unit: unit.map(|unit| one_line(&format!("{} ({})", unit.description, unit.tag))).unwrap_or_default(),
            unit_due: unit.map(|unit| dates::in_words(unit.due, zone, language)).unwrap_or_default(),
            borrower: unit.map(|unit| one_line(unit.borrower.expose())).unwrap_or_default(),
            wished_until: unit
                .and_then(|unit| unit.wished_until)
                .map(|until| dates::in_words(until, zone, language))
                .unwrap_or_default(),
            condition: unit.and_then(|unit| unit.condition),
        }
    }
}

impl DeputyFacts {
    fn of(deputy: &MailDeputy, zone: Tz, language: Language) -> Self {
        Self {
            absent: one_line(deputy.absent.expose()),
            away_from: dates::in_words(deputy.from, zone, language),
            away_until: dates::in_words(deputy.until, zone, language),
        }
    }
}

impl LineFacts {
    fn of(line: &MailLine) -> Self {
        Self {
            description: one_line(&line.description),
            quantity: line.quantity,
            units: line.units.iter().map(|tag| one_line(tag)).collect(),
            outcome: line.outcome,
            asked: line.asked,
            instead_of: line.instead_of.as_deref().map(one_line),
            reason: line.reason.as_deref().map(one_line),
        }
    }
}

pub(super) fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// Any run of blanks and control characters becomes one space.
pub(super) fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A rendered template. No value can add a line to it: each is on one line.
struct Prose {
    subject: String,
    short: String,
    paragraphs: Vec<String>,
}

impl Prose {
    fn parse(prose: &str) -> Option<Self> {
        let (head, paragraphs) = split_prose(prose)?;
        let (subject, short) = head.split_once('\n')?;
        Some(Self { subject: subject_of(subject)?, short: one_line(short.strip_prefix("Short:")?), paragraphs })
    }
}

/// What stands before the first blank line, and the paragraphs after it.
pub(super) fn split_prose(prose: &str) -> Option<(&str, Vec<String>)> {
    let (head, body) = prose.split_once("\n\n")?;
    Some((head, body.split("\n\n").map(one_line).filter(|paragraph| !paragraph.is_empty()).collect()))
}

pub(super) fn subject_of(line: &str) -> Option<String> {
    Some(one_line(line.strip_prefix("Subject:")?).chars().take(LONGEST_SUBJECT).collect())
}

/// Blank lines come from templates in odd numbers; a reader sees one at a time.
pub(super) fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    for line in text.trim().lines() {
        if !line.is_empty() || !tidied.ends_with("\n\n") {
            tidied.push_str(line.trim_end());
            tidied.push('\n');
        }
    }
    tidied
}

pub(super) fn language_tag(language: Language) -> &'static str {
    match language {
        Language::En => "en",
        Language::Pt => "pt-PT",
    }
}
