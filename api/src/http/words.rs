//! The domain's words in the OpenAPI document: listed from the enums themselves, so that they cannot drift.

use makerlab_shared::domain::{
    approval::{Need, Stage},
    availability::StepLength,
    change::Entity,
    equipment::{Approval, Collection, Presence},
    finding::{FindingKind, FindingState, Resolution},
    job::Lane,
    notification::{NotificationEvent, NotificationStatus},
    operation::{OperationKind, OperationState},
    person::Language,
    preference::Channel,
    project::{MemberRole, ProjectStatus},
    quota::{QuotaMeasure, QuotaScope},
    report::{LineOutcome, Outcome},
    requisition::{LineStatus, LoanStatus, RequisitionStatus, ReturnCondition},
    user::Role,
    waiting_list::WaitingStatus,
};
use utoipa::openapi::schema::{Array, ArrayBuilder, Object, ObjectBuilder, SchemaType, Type};

macro_rules! words {
    ($($name:ident: $enum:ty;)+) => {$(
        pub(crate) fn $name() -> Object {
            one_of(<$enum>::ALL.iter().map(|word| word.as_str()))
        }
    )+};
}

words! {
    approval_need: Need;
    approval: Approval;
    channel: Channel;
    collection: Collection;
    entity: Entity;
    finding_kind: FindingKind;
    finding_state: FindingState;
    lane: Lane;
    language: Language;
    line_outcome: LineOutcome;
    line_status: LineStatus;
    loan_status: LoanStatus;
    member_role: MemberRole;
    notification_event: NotificationEvent;
    notification_status: NotificationStatus;
    operation_kind: OperationKind;
    operation_state: OperationState;
    outcome: Outcome;
    presence: Presence;
    project_status: ProjectStatus;
    quota_measure: QuotaMeasure;
    quota_scope: QuotaScope;
    requisition_status: RequisitionStatus;
    resolution: Resolution;
    return_condition: ReturnCondition;
    role: Role;
    step_length: StepLength;
    waiting_status: WaitingStatus;
}

/// A channel for each event.
pub(crate) fn channels() -> Object {
    let events = NotificationEvent::ALL.iter();
    let object = ObjectBuilder::new().schema_type(Type::Object);
    events.fold(object, |object, event| object.property(event.as_str(), channel())).build()
}

pub(crate) fn member_role_or_null() -> Object {
    one_of_or_null(MemberRole::ALL.iter().map(|word| word.as_str()))
}

pub(crate) fn role_or_null() -> Object {
    one_of_or_null(Role::ALL.iter().map(|word| word.as_str()))
}

pub(crate) fn approval_need_or_null() -> Object {
    one_of_or_null(Need::ALL.iter().map(|word| word.as_str()))
}

pub(crate) fn approval_stage_or_null() -> Object {
    one_of_or_null(Stage::ALL.iter().map(|word| word.as_str()))
}

pub(crate) fn resolution_or_null() -> Object {
    one_of_or_null(Resolution::ALL.iter().map(|word| word.as_str()))
}

pub(crate) fn return_condition_or_null() -> Object {
    one_of_or_null(ReturnCondition::ALL.iter().map(|word| word.as_str()))
}

pub(crate) fn resolutions() -> Array {
    ArrayBuilder::new().items(resolution()).build()
}

fn one_of(words: impl Iterator<Item = &'static str>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build()
}

fn one_of_or_null(words: impl Iterator<Item = &'static str>) -> Object {
    let words = words.map(serde_json::Value::from).chain([serde_json::Value::Null]);
    ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null])).enum_values(Some(words)).build()
}
