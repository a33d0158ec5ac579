//! Which of Snipe-IT's status labels mean what to the lab: chosen by number or name, compared with those that Snipe-IT has.

use super::inventory::{LabelKind, LabelSeen, SnipeitLabelId};
use std::{fmt, str::FromStr};

/// A status label as it stands in a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabelChoice {
    Id(SnipeitLabelId),
    /// Snipe-IT lets no two labels have it; letter case does not count, as it does not there.
    Name(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no status label of Snipe-IT: set it to a label's number, like 5, or to its name, like Out for Repair")]
pub struct LabelChoiceRefused;

impl FromStr for LabelChoice {
    type Err = LabelChoiceRefused;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.chars().all(|c| c.is_ascii_digit() || c == '-') {
            return match text.parse() {
                Ok(id @ 1..) => Ok(Self::Id(SnipeitLabelId(id))),
                Ok(_) | Err(_) => Err(LabelChoiceRefused),
            };
        }
        let is_name = text.chars().count() <= 255 && !text.chars().any(char::is_control);
        is_name.then(|| Self::Name(text.to_owned())).ok_or(LabelChoiceRefused)
    }
}

impl fmt::Display for LabelChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Name(name) => write!(f, "“{name}”"),
        }
    }
}

impl LabelChoice {
    fn is(&self, label: &LabelSeen) -> bool {
        match self {
            Self::Id(id) => label.id == *id,
            Self::Name(name) => label.name.trim().to_lowercase() == name.to_lowercase(),
        }
    }
}

/// What a label is chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelUse {
    /// What came back damaged.
    Damaged,
    /// What is lost.
    Lost,
    /// What is promised and waits.
    Reserved,
    /// What may be lent.
    Free,
}

impl LabelUse {
    const OF_ONE: [Self; 3] = [Self::Damaged, Self::Lost, Self::Reserved];

    /// The variable that chooses it.
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Damaged => "SNIPEIT_LABEL_DAMAGED",
            Self::Lost => "SNIPEIT_LABEL_LOST",
            Self::Reserved => "SNIPEIT_LABEL_RESERVED",
            Self::Free => "SNIPEIT_LABELS_FREE",
        }
    }
}

/// What a lab has chosen; `None`: units keep the label that they have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelPolicy {
    pub damaged: Option<LabelChoice>,
    pub lost: Option<LabelChoice>,
    pub reserved: Option<LabelChoice>,
    /// Units with these, and with the one for what is reserved, are lent; none: with every deployable one.
    pub free: Vec<LabelChoice>,
}

/// A choice that does not fit Snipe-IT, in a sentence for whoever operates the lab.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelFault {
    #[error("{} names {choice}, and Snipe-IT has no such status label", meant_for.setting())]
    Missing { meant_for: LabelUse, choice: LabelChoice },
    #[error("{} names {choice}, which is deployable: such a unit would be lent again", meant_for.setting())]
    Deployable { meant_for: LabelUse, choice: LabelChoice },
    #[error("{} names {choice}, which is not deployable: Snipe-IT would check no such unit out", meant_for.setting())]
    NotDeployable { meant_for: LabelUse, choice: LabelChoice },
}

impl LabelPolicy {
    fn choice(&self, meant_for: LabelUse) -> Option<&LabelChoice> {
        match meant_for {
            LabelUse::Damaged => self.damaged.as_ref(),
            LabelUse::Lost => self.lost.as_ref(),
            LabelUse::Reserved => self.reserved.as_ref(),
            LabelUse::Free => None,
        }
    }

    /// The label to set for it, given those that Snipe-IT was seen to have; `None`: nothing is set. What comes back gets its
    /// label by number also while no label was seen yet; what is promised only one that keeps it from nobody.
    pub fn find(&self, meant_for: LabelUse, seen: &[LabelSeen]) -> Option<SnipeitLabelId> {
        let choice = self.choice(meant_for)?;
        let label = seen.iter().find(|label| choice.is(label));
        match (meant_for, choice) {
            (LabelUse::Reserved | LabelUse::Free, _) => {
                label.filter(|label| label.kind == LabelKind::Deployable).map(|label| label.id)
            }
            (LabelUse::Damaged | LabelUse::Lost, LabelChoice::Id(id)) if seen.is_empty() => Some(*id),
            (LabelUse::Damaged | LabelUse::Lost, _) => label.map(|label| label.id),
        }
    }

    /// What is wrong with the choices, given all labels that Snipe-IT has.
    pub fn faults(&self, seen: &[LabelSeen]) -> Vec<LabelFault> {
        let of_one = LabelUse::OF_ONE.into_iter().filter_map(|meant_for| Some((meant_for, self.choice(meant_for)?)));
        let free = self.free.iter().map(|choice| (LabelUse::Free, choice));
        of_one.chain(free).filter_map(|(meant_for, choice)| fault(meant_for, choice, seen)).collect()
    }

    /// Deployable labels whose units are not lent. Where none of the chosen ones is there, nothing is kept back: a lab that
    /// renamed a label goes on lending, and is told.
    pub fn kept_back(&self, seen: &[LabelSeen]) -> Vec<SnipeitLabelId> {
        let deployable = || seen.iter().filter(|label| label.kind == LabelKind::Deployable);
        let is_chosen = |label: &LabelSeen| self.free.iter().any(|choice| choice.is(label));
        if !deployable().any(is_chosen) {
            return Vec::new();
        }
        let is_reserved = |label: &LabelSeen| self.reserved.as_ref().is_some_and(|choice| choice.is(label));
        deployable().filter(|label| !is_chosen(label) && !is_reserved(label)).map(|label| label.id).collect()
    }
}

fn fault(meant_for: LabelUse, choice: &LabelChoice, seen: &[LabelSeen]) -> Option<LabelFault> {
    let named = choice.clone();
    let Some(label) = seen.iter().find(|label| choice.is(label)) else {
        return Some(LabelFault::Missing { meant_for, choice: named });
    };
    match (meant_for, label.kind == LabelKind::Deployable) {
        (LabelUse::Damaged | LabelUse::Lost, true) => Some(LabelFault::Deployable { meant_for, choice: named }),
        (LabelUse::Reserved | LabelUse::Free, false) => Some(LabelFault::NotDeployable { meant_for, choice: named }),
        (LabelUse::Damaged | LabelUse::Lost, false) | (LabelUse::Reserved | LabelUse::Free, true) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels() -> Vec<LabelSeen> {
        [(2, "Ready to Deploy", LabelKind::Deployable), (5, "Out for repair", LabelKind::Undeployable)]
            .map(|(id, name, kind)| LabelSeen { id: SnipeitLabelId(id), name: name.to_owned(), kind })
            .to_vec()
    }

    fn damaged(choice: &str) -> LabelPolicy {
        LabelPolicy { damaged: Some(choice.parse().unwrap()), ..LabelPolicy::default() }
    }

    #[test]
    fn a_label_is_chosen_by_number_or_by_name_in_any_case() {
        for choice in ["5", "Out for repair", " out for REPAIR "] {
            assert_eq!(damaged(choice).find(LabelUse::Damaged, &labels()), Some(SnipeitLabelId(5)), "{choice}");
            assert_eq!(damaged(choice).faults(&labels()), [], "{choice}");
        }
        for nothing in ["0", "-1", "", "  ", "a\u{7}"] {
            assert_eq!(nothing.parse::<LabelChoice>(), Err(LabelChoiceRefused), "{nothing:?}");
        }
    }

    #[test]
    fn a_label_that_is_not_there_is_not_set_and_told_with_its_variable() {
        let policy = damaged("Broken");

        let told: Vec<String> = policy.faults(&labels()).iter().map(ToString::to_string).collect();

        assert_eq!(policy.find(LabelUse::Damaged, &labels()), None);
        assert_eq!(told, ["SNIPEIT_LABEL_DAMAGED names “Broken”, and Snipe-IT has no such status label"]);
    }

    #[test]
    fn a_deployable_label_is_told_and_set_all_the_same() {
        let policy = damaged("Ready to Deploy");

        assert!(matches!(policy.faults(&labels())[..], [LabelFault::Deployable { .. }]));
        assert_eq!(policy.find(LabelUse::Damaged, &labels()), Some(SnipeitLabelId(2)));
    }

    #[test]
    fn what_is_promised_gets_a_deployable_label_or_none() {
        let reserved = |choice: &str| LabelPolicy { reserved: Some(choice.parse().unwrap()), ..LabelPolicy::default() };

        assert_eq!(reserved("ready to deploy").find(LabelUse::Reserved, &labels()), Some(SnipeitLabelId(2)));
        assert_eq!(reserved("2").find(LabelUse::Reserved, &[]), None);
        assert_eq!(reserved("5").find(LabelUse::Reserved, &labels()), None);
        assert!(matches!(reserved("5").faults(&labels())[..], [LabelFault::NotDeployable { .. }]));
    }

    #[test]
    fn units_with_a_label_that_was_not_chosen_are_kept_back_unless_none_is_there() {
        let spare = LabelSeen { id: SnipeitLabelId(7), name: "Spare".to_owned(), kind: LabelKind::Deployable };
        let seen: Vec<LabelSeen> = labels().into_iter().chain([spare]).collect();
        let free = |choices: &[&str]| LabelPolicy {
            free: choices.iter().map(|choice| choice.parse().unwrap()).collect(),
            ..LabelPolicy::default()
        };

        assert_eq!(free(&[]).kept_back(&seen), []);
        assert_eq!(free(&["ready to deploy"]).kept_back(&seen), [SnipeitLabelId(7)]);
        assert_eq!(free(&["2", "Spare"]).kept_back(&seen), []);
        assert_eq!(free(&["Renamed"]).kept_back(&seen), []);
        assert!(matches!(free(&["Renamed"]).faults(&seen)[..], [LabelFault::Missing { .. }]));
        assert!(matches!(free(&["5"]).faults(&seen)[..], [LabelFault::NotDeployable { .. }]));
        let reserved = LabelPolicy { reserved: Some("spare".parse().unwrap()), ..free(&["2"]) };
        assert_eq!(reserved.kept_back(&seen), []);
    }

    #[test]
    fn before_any_label_was_seen_a_number_counts_and_a_name_says_nothing() {
        assert_eq!(damaged("5").find(LabelUse::Damaged, &[]), Some(SnipeitLabelId(5)));
        assert_eq!(damaged("Out for repair").find(LabelUse::Damaged, &[]), None);
        assert_eq!(LabelPolicy::default().find(LabelUse::Lost, &labels()), None);
    }
}
