//! Every kind of problem once: its public name, its status and its title, so that no document can drift from it.

use axum::http::StatusCode;

macro_rules! problem_types {
    ($($(#[$meta:meta])* $variant:ident = $slug:literal, $status:ident, $title:literal;)+) => {
        /// What kind of problem it is; its name is part of the API and never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProblemType { $($(#[$meta])* $variant),+ }

        impl ProblemType {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The last part of the `type` URI.
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug),+ }
            }

            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),+ }
            }

            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }
        }
    };
}

problem_types! {
    MalformedJson = "malformed-json", BAD_REQUEST, "The body is not JSON";
    MalformedRequest = "malformed-request", BAD_REQUEST, "The address, the query or a header cannot be read";
    NotAuthenticated = "not-authenticated", UNAUTHORIZED, "A valid token is needed";
    RoleNotAllowed = "role-not-allowed", FORBIDDEN, "Your role does not allow this";
    NotAMember = "not-a-member", FORBIDDEN, "Only members of the project may do this";
    MemberRoleNotAllowed = "member-role-not-allowed", FORBIDDEN, "Your role in the project does not allow this";
    OwnRequisition = "own-requisition", FORBIDDEN, "Nobody decides their own requisition";
    OwnProject = "own-project", FORBIDDEN, "Nobody lets their own project begin";
    ConflictOfInterest = "conflict-of-interest", FORBIDDEN, "Whoever borrows for a project does not decide for it";
    FourEyes = "four-eyes", FORBIDDEN, "Whoever agreed first does not give the second yes";
    NotFound = "not-found", NOT_FOUND, "There is no such thing, or you may not see it";
    UnknownRoute = "unknown-route", NOT_FOUND, "There is nothing at this address";
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "The address does not know this method";
    ProjectNotActive = "project-not-active", CONFLICT, "The project is not active";
    ProjectNotPending = "project-not-pending", CONFLICT, "The project is not waiting for a decision";
    ProjectOver = "project-over", CONFLICT, "The project is over";
    UnitsStillOut = "units-still-out", CONFLICT, "Units of the project are still out";
    RequisitionsOpen = "requisitions-open", CONFLICT, "Requisitions of the project are still open";
    LastLeader = "last-leader", CONFLICT, "A project needs a leader";
    DeputyNamedAlready = "deputy-named-already", CONFLICT, "Somebody decides in your place in that time already";
    CannotDeputise = "cannot-deputise", CONFLICT, "They cannot decide in your place";
    SupervisorStays = "supervisor-stays", CONFLICT, "Leaders do not end a supervision";
    CannotSupervise = "cannot-supervise", CONFLICT, "Students do not supervise projects";
    NoFreeUnit = "no-free-unit", CONFLICT, "Not enough units are free";
    UnitsAreFree = "units-are-free", CONFLICT, "Enough units are free";
    AlreadyWaiting = "already-waiting", CONFLICT, "You stand in this line already";
    NotWaiting = "not-waiting", CONFLICT, "The entry of the waiting list is over";
    UnitAlreadyPromised = "unit-already-promised", CONFLICT, "Somebody else was promised the unit";
    AlreadyDecided = "already-decided", CONFLICT, "The requisition has been decided already";
    LineWithdrawn = "line-withdrawn", CONFLICT, "The line is not asked for any more";
    NotEditable = "not-editable", CONFLICT, "It is too late to edit";
    SupervisorFirst = "supervisor-first", CONFLICT, "A supervisor of the project is asked first";
    NotWithSupervisor = "not-with-supervisor", CONFLICT, "It does not wait for a supervisor";
    PeriodOver = "period-over", CONFLICT, "The requisition's period is over";
    NothingToHandOver = "nothing-to-hand-over", CONFLICT, "Nothing of the requisition waits to be collected";
    WrongUnit = "wrong-unit", CONFLICT, "The unit is not one that the requisition waits for";
    UnitHeld = "unit-held", CONFLICT, "Somebody has the unit";
    UnitNotLendable = "unit-not-lendable", CONFLICT, "The unit may not be lent";
    AlreadyHandedOver = "already-handed-over", CONFLICT, "The unit was handed over already";
    OutcomeUnknown = "outcome-unknown", CONFLICT, "What became of the check-out is not known yet";
    NotCancellable = "not-cancellable", CONFLICT, "It is too late to cancel";
    NotLent = "not-lent", CONFLICT, "Only what is out can be returned or extended";
    NotReturned = "not-returned", CONFLICT, "Nobody has asked for its return";
    ExtensionAskedAlready = "extension-asked-already", CONFLICT, "An extension waits for a decision already";
    NoExtensionAsked = "no-extension-asked", CONFLICT, "No extension waits for a decision";
    OverdueLoans = "overdue-loans", CONFLICT, "Overdue units have to come back first";
    ReturnUnderWay = "return-under-way", CONFLICT, "A return is under way already";
    AlreadyAMember = "already-a-member", CONFLICT, "The person is a member already";
    EmailInUse = "email-in-use", CONFLICT, "Another user has this e-mail address";
    QuotaExists = "quota-exists", CONFLICT, "There is such a quota already";
    QuotaRemoved = "quota-removed", CONFLICT, "The quota holds no longer";
    FindingSettled = "finding-settled", CONFLICT, "The finding has been settled already";
    LetterNotSent = "letter-not-sent", CONFLICT, "Only a letter that has left, or failed, is sent again";
    ResendUnderWay = "resend-under-way", CONFLICT, "The letter is being sent again already";
    AnotherLoanOut = "another-loan-out", CONFLICT, "By our records the unit is still lent";
    NothingToRetry = "nothing-to-retry", CONFLICT, "There is nothing to try again";
    BorrowerUnknown = "borrower-unknown", CONFLICT, "Nobody knows who the borrower is in Snipe-IT";
    TenureForgotten = "tenure-forgotten", CONFLICT, "Nobody knows since when the borrower has the unit";
    DriftChanged = "drift-changed", CONFLICT, "Snipe-IT shows something else by now";
    UnitUnderWay = "unit-under-way", CONFLICT, "Something of ours is on its way to the unit";
    PromiseBegun = "promise-begun", CONFLICT, "The loan has begun already";
    SyncNotScheduled = "sync-not-scheduled", CONFLICT, "No worker reads the catalogue";
    ChangedMeanwhile = "changed-meanwhile", CONFLICT, "Somebody else changed it at the same moment";
    RequestInProgress = "request-in-progress", CONFLICT, "The same request is being worked on";
    PreconditionFailed = "precondition-failed", PRECONDITION_FAILED, "It was changed since you read it";
    PreconditionRequired = "precondition-required", PRECONDITION_REQUIRED, "Say which version you change";
    BodyTooLarge = "body-too-large", PAYLOAD_TOO_LARGE, "The body is too large";
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The body must be application/json";
    InvalidInput = "invalid-input", UNPROCESSABLE_ENTITY, "Some fields cannot be used";
    CannotBeSwitchedOff = "cannot-be-switched-off", UNPROCESSABLE_ENTITY, "Somebody waits for what you do about this";
    IdempotencyKeyReused = "idempotency-key-reused", UNPROCESSABLE_ENTITY, "The key was used for another request";
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something went wrong on our side";
    DatabaseUnavailable = "database-unavailable", SERVICE_UNAVAILABLE, "The service cannot reach its database";
    TimedOut = "timed-out", SERVICE_UNAVAILABLE, "The request took too long";
}

impl ProblemType {
    /// The `type` member: an address at which the problem is explained.
    pub fn uri(self) -> String {
        format!("/problems/{}", self.slug())
    }
}

#[cfg(test)]
mod tests {
    use super::ProblemType;
    use std::collections::HashSet;

    #[test]
    fn every_problem_has_a_name_of_its_own_and_an_error_status() {
        let names: HashSet<_> = ProblemType::ALL.iter().map(|kind| kind.slug()).collect();

        assert_eq!(names.len(), ProblemType::ALL.len());
        assert!(ProblemType::ALL.iter().all(|kind| kind.status().as_u16() >= 400));
    }
}
