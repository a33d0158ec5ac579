//! What people write about a project, so that a course finds it again.

use crate::domain::field_change::FieldChange;
use serde::{Deserialize, Serialize};
use url::Url;

pub const MAX_TAGS: usize = 20;
pub const MAX_LINKS: usize = 20;

const LONGEST_TAG: usize = 40;
const LONGEST_TITLE: usize = 200;
const LONGEST_URL: usize = 2000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectDetails {
    pub name: String,
    pub description: String,
    /// Empty: of no course.
    pub course: String,
    pub academic_year: Option<AcademicYear>,
    /// Of the group of students within the course.
    pub group_number: Option<GroupNumber>,
    pub tags: Vec<Tag>,
    pub links: Vec<Link>,
}

/// As it is written on the door: `2026/27`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct AcademicYear(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct GroupNumber(i32);

/// A word to find projects by; in small letters, so that it is one word however it was typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Tag(String);

/// A page on the web that belongs to the project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub title: String,
    pub url: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DetailRefused {
    #[error("must be two years that follow each other, like 2026/27")]
    AcademicYear,
    #[error("must be between 1 and 9999")]
    GroupNumber,
    #[error("must have 1 to 40 characters, none of them a comma or a control character")]
    Tag,
    #[error("must have 1 to 200 characters, none of them a control character")]
    LinkTitle,
    #[error("must be an address that begins with https:// and has at most 2000 characters and no password in it")]
    LinkUrl,
}

impl ProjectDetails {
    /// A project of which only the name is known.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: String::new(),
            course: String::new(),
            academic_year: None,
            group_number: None,
            tags: Vec::new(),
            links: Vec::new(),
        }
    }

    /// The fields in which they differ.
    pub(super) fn changes_to(&self, after: &Self) -> Vec<FieldChange> {
        let fields = [
            FieldChange::between("name", &self.name, &after.name),
            FieldChange::between("description", &self.description, &after.description),
            FieldChange::between("course", &self.course, &after.course),
            FieldChange::between("academic_year", &self.academic_year, &after.academic_year),
            FieldChange::between("group_number", &self.group_number, &after.group_number),
            FieldChange::between("tags", &self.tags, &after.tags),
            FieldChange::between("links", &self.links, &after.links),
        ];
        fields.into_iter().flatten().collect()
    }
}

impl AcademicYear {
    /// # Errors
    /// Whatever is no year of this century and its successor.
    pub fn parse(text: &str) -> Result<Self, DetailRefused> {
        let is_number = |part: &str, digits: usize| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
        let (first, second) = text.trim().split_once('/').ok_or(DetailRefused::AcademicYear)?;
        if !is_number(first, 4) || !is_number(second, 2) {
            return Err(DetailRefused::AcademicYear);
        }
        match (first.parse::<u16>(), second.parse::<u16>()) {
            (Ok(first @ 2000..=2099), Ok(second)) if (first + 1) % 100 == second => Ok(Self(text.trim().to_owned())),
            _ => Err(DetailRefused::AcademicYear),
        }
    }

    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl GroupNumber {
    /// # Errors
    /// Numbers that no group has.
    pub fn parse(number: i32) -> Result<Self, DetailRefused> {
        if (1..=9999).contains(&number) { Ok(Self(number)) } else { Err(DetailRefused::GroupNumber) }
    }

    pub fn from_stored(number: i32) -> Self {
        Self(number)
    }

    pub fn number(self) -> i32 {
        self.0
    }
}

impl Tag {
    /// # Errors
    /// What is empty, too long, or several tags.
    pub fn parse(text: &str) -> Result<Self, DetailRefused> {
        let tag = text.trim().to_lowercase();
        let is_word = !tag.chars().any(|c| c.is_control() || c == ',');
        if is_word && (1..=LONGEST_TAG).contains(&tag.chars().count()) {
            Ok(Self(tag))
        } else {
            Err(DetailRefused::Tag)
        }
    }

    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Link {
    /// The address is kept as browsers understand it.
    ///
    /// # Errors
    /// The part that cannot be used.
    pub fn parse(title: &str, url: &str) -> Result<Self, DetailRefused> {
        let title = title.trim();
        if title.chars().any(char::is_control) || !(1..=LONGEST_TITLE).contains(&title.chars().count()) {
            return Err(DetailRefused::LinkTitle);
        }
        let parsed = Url::parse(url.trim()).map_err(|_| DetailRefused::LinkUrl)?;
        let hides_somebody = !parsed.username().is_empty() || parsed.password().is_some();
        if parsed.scheme() != "https" || hides_somebody || parsed.as_str().len() > LONGEST_URL {
            return Err(DetailRefused::LinkUrl);
        }
        Ok(Self { title: title.to_owned(), url: parsed.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_academic_year_is_two_years_that_follow_each_other() {
        for right in ["2026/27", " 2026/27 ", "2099/00", "2009/10"] {
            assert_eq!(AcademicYear::parse(right).unwrap().as_str(), right.trim());
        }
        for wrong in ["", "2026", "2026/28", "2026/2027", "26/27", "1999/00", "2026-27", "2026/+7", "２０２６/27"] {
            assert_eq!(AcademicYear::parse(wrong), Err(DetailRefused::AcademicYear), "{wrong:?}");
        }
    }

    #[test]
    fn a_tag_is_one_word_however_it_was_typed() {
        assert_eq!(Tag::parse(" Robótica ").unwrap(), Tag::parse("robótica").unwrap());
        for wrong in ["", "  ", "a,b", "a\nb", &"x".repeat(41)] {
            assert_eq!(Tag::parse(wrong), Err(DetailRefused::Tag), "{wrong:?}");
        }
    }

    #[test]
    fn a_link_leads_to_a_page_that_is_what_it_seems() {
        let link = Link::parse(" Repository ", "https://git.example/Rover").unwrap();
        assert_eq!((link.title.as_str(), link.url.as_str()), ("Repository", "https://git.example/Rover"));
        assert_eq!(Link::parse("", "https://git.example"), Err(DetailRefused::LinkTitle));
        for wrong in
            ["", "git.example", "http://git.example", "javascript:alert(1)", "https://bank.example@evil.example"]
        {
            assert_eq!(Link::parse("x", wrong), Err(DetailRefused::LinkUrl), "{wrong:?}");
        }
    }
}
