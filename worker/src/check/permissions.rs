//! What Snipe-IT allows the token's user: told by reads that are refused, and by what rows say may be done with them.

use super::{
    evidence::{Evidence, Seen},
    report::{Check, Row},
    settings::CheckSettings,
};
use crate::snipeit::{AssetRights, ReadFailure, ReadFailureKind};

/// What a lack means for the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Must,
    Should,
}

pub(super) fn judge(evidence: &Evidence, settings: &CheckSettings) -> Vec<Row> {
    let edits = if settings.labels.reserved.is_some() { Need::Must } else { Need::Should };
    let rights = evidence.rights.as_ref().ok().map(|read| read.value);
    vec![
        read(Check::ViewAssets, &evidence.assets, Need::Must, "without it nothing is known of the inventory"),
        act(Check::CheckOut, rights, |rights| rights.check_out, Need::Must, "without it nothing is lent"),
        act(Check::CheckIn, rights, |rights| rights.check_in, Need::Must, "without it nothing comes back"),
        act(
            Check::EditAssets,
            rights,
            |rights| rights.edit,
            edits,
            "without it Snipe-IT's expected date stays when a loan is extended, with a finding each time, and no promised \
             unit is labelled",
        ),
        read(Check::ViewModels, &evidence.models, Need::Must, "without it there is no catalogue"),
        read(Check::ViewLabels, &evidence.labels, Need::Must, "without it there is no catalogue"),
        read(Check::ViewUsers, &evidence.users, Need::Must, "without it no borrower is found"),
        create_users(evidence.front.me.as_ref().ok().and_then(|me| me.value.may_create_users), settings.creates_users),
        read(
            Check::ViewReports,
            &evidence.log,
            Need::Should,
            "without it an outcome that only the log can tell ends with a person",
        ),
    ]
}

fn read<T>(check: Check, seen: &Seen<T>, need: Need, without: &str) -> Row {
    match seen {
        Err(failure) if failure.is_forbidden() => lacks(check, need, without),
        // What it answers may be wrong; that it may be asked is sure.
        Ok(_) | Err(ReadFailure { kind: ReadFailureKind::Malformed { .. }, .. }) => Row::ok(check, "allowed"),
        Err(failure) => match need {
            Need::Must => Row::wrong(check, format!("not to be read: {failure}"), cure(failure)),
            Need::Should => Row::cannot_tell(check, failure.to_string(), cure(failure)),
        },
    }
}

/// What mends a read that is allowed and comes to nothing.
fn cure(failure: &ReadFailure) -> &'static str {
    match (&failure.kind, failure.http_status()) {
        (ReadFailureKind::Throttled, _) => {
            "Wait a minute and check again; if it stays so, another program uses this user."
        }
        (_, Some(300..)) => "See what storage/logs/laravel.log says on the server.",
        (_, Some(_)) => "Check again; if it stays so, something on the way cuts the answer, or it is far too long.",
        (_, None) => "Raise SNIPEIT_TIMEOUT, or see in storage/logs/laravel.log why the server takes so long.",
    }
}

/// `rights`: none if the list of assets could not be read; then if it is empty.
fn act(
    check: Check,
    rights: Option<Option<AssetRights>>,
    right: fn(AssetRights) -> Option<bool>,
    need: Need,
    without: &str,
) -> Row {
    match rights {
        None => unknown(check, "no asset could be read"),
        Some(None) => unknown(check, "there is no asset that could tell"),
        Some(Some(rights)) => match right(rights) {
            Some(true) => Row::ok(check, "allowed"),
            Some(false) => lacks(check, need, without),
            None => unknown(check, "this version's rows do not tell"),
        },
    }
}

fn create_users(may_create: Option<bool>, creates_users: bool) -> Row {
    match (may_create, creates_users) {
        (Some(true), true) => Row::ok(Check::CreateUsers, "allowed"),
        (Some(true), false) => Row::warning(
            Check::CreateUsers,
            "allowed, though SNIPEIT_CREATE_USERS is not true",
            "Take users.create from that user: who may create users can do much else.",
        ),
        (Some(false) | None, false) => Row::ok(Check::CreateUsers, "not needed: SNIPEIT_CREATE_USERS is not true"),
        (Some(false), true) => {
            lacks(Check::CreateUsers, Need::Must, "SNIPEIT_CREATE_USERS=true asks for it: borrowers cannot be added")
        }
        (None, true) => unknown(Check::CreateUsers, "this version's rows do not tell"),
    }
}

fn lacks(check: Check, need: Need, without: &str) -> Row {
    let fix = format!("Give that user (or its group) {} in Snipe-IT.", check.as_str());
    match need {
        Need::Must => Row::wrong(check, format!("not allowed: {without}"), fix),
        Need::Should => Row::warning(check, format!("not allowed: {without}"), fix),
    }
}

fn unknown(check: Check, why: &str) -> Row {
    Row::cannot_tell(check, why, format!("See in Snipe-IT that the user's group has {}.", check.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::State;

    #[test]
    fn a_right_is_what_an_assets_row_says_and_unknown_without_one() {
        let judged =
            |rights| act(Check::CheckOut, rights, |rights| rights.check_out, Need::Must, "nothing is lent").state;
        let says = |check_out| Some(Some(AssetRights { check_out, ..AssetRights::default() }));

        assert_eq!(judged(says(Some(true))), State::Ok);
        assert_eq!(judged(says(Some(false))), State::Wrong);
        assert_eq!(judged(says(None)), State::CannotTell);
        assert_eq!(judged(Some(None)), State::CannotTell);
        assert_eq!(judged(None), State::CannotTell);
    }

    #[test]
    fn users_are_created_only_by_wish_and_the_right_without_the_wish_is_too_much() {
        for (may_create, wish, state) in [
            (Some(true), true, State::Ok),
            (Some(false), true, State::Wrong),
            (None, true, State::CannotTell),
            (Some(true), false, State::Warning),
            (Some(false), false, State::Ok),
        ] {
            assert_eq!(create_users(may_create, wish).state, state, "{may_create:?} {wish}");
        }
    }
}
