//! What people may write about a project; the same when it is asked for and when it is edited.

use crate::http::input::{Invalid, TextRule};
use makerlab_shared::domain::project::{AcademicYear, GroupNumber, Link, MAX_LINKS, MAX_TAGS, Tag};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const NAME: TextRule = TextRule::line(1, 200);
const DESCRIPTION: TextRule = TextRule::paragraph(0, 5000);
const COURSE: TextRule = TextRule::line(0, 200);

/// A page on the web that belongs to the project.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkView {
    #[schema(min_length = 1, max_length = 200)]
    pub(super) title: String,
    #[schema(example = "https://git.example/rover", max_length = 2000)]
    pub(super) url: String,
}

pub(super) fn name(invalid: &mut Invalid, text: &str) -> String {
    invalid.check("/name", NAME.parse(text)).unwrap_or_default()
}

pub(super) fn description(invalid: &mut Invalid, text: &str) -> String {
    invalid.check("/description", DESCRIPTION.parse(text)).unwrap_or_default()
}

pub(super) fn course(invalid: &mut Invalid, text: &str) -> String {
    invalid.check("/course", COURSE.parse(text)).unwrap_or_default()
}

pub(super) fn academic_year(invalid: &mut Invalid, text: Option<&str>) -> Option<AcademicYear> {
    invalid.check("/academic_year", AcademicYear::parse(text?))
}

pub(super) fn group_number(invalid: &mut Invalid, number: Option<i32>) -> Option<GroupNumber> {
    invalid.check("/group_number", GroupNumber::parse(number?))
}

/// The same tag twice is one.
pub(super) fn tags(invalid: &mut Invalid, texts: &[String]) -> Vec<Tag> {
    let mut tags = Vec::new();
    for (index, text) in texts.iter().take(MAX_TAGS).enumerate() {
        if let Some(tag) = invalid.check(&format!("/tags/{index}"), Tag::parse(text))
            && !tags.contains(&tag)
        {
            tags.push(tag);
        }
    }
    if texts.len() > MAX_TAGS {
        invalid.note("/tags", format!("must be at most {MAX_TAGS}"));
    }
    tags
}

pub(super) fn links(invalid: &mut Invalid, given: &[LinkView]) -> Vec<Link> {
    if given.len() > MAX_LINKS {
        invalid.note("/links", format!("must be at most {MAX_LINKS}"));
        return Vec::new();
    }
    let links = given.iter().enumerate();
    links
        .filter_map(|(index, link)| invalid.check(&format!("/links/{index}"), Link::parse(&link.title, &link.url)))
        .collect()
}
