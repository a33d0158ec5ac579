//! From the body of a decision to rulings: every line, model and unit that it names is looked up.

use super::{
    decide::NamedUnits,
    decide_lines::{Decision, LineDecision, Word},
};
use crate::{
    http::input::{Invalid, TextRule},
    problem::Problem,
};
use makerlab_shared::{
    domain::{
        id::{EquipmentId, LineId, ModelId},
        requisition::{Dossier, Granted, Line, MAX_LINES, Ruling},
    },
    store::catalogue_reads::{self, Wanted},
};
use sqlx::PgConnection;
use uuid::Uuid;

const REASON: TextRule = TextRule::paragraph(0, 2000);

/// What a body says, with nothing left to look up but which units are free.
pub(super) struct Checked {
    pub(super) rulings: Vec<Ruling>,
    pub(super) named: NamedUnits,
    pub(super) reason: Option<String>,
}

/// # Errors
/// Everything that is wrong with the body, each at its field.
pub(super) async fn read(conn: &mut PgConnection, dossier: &Dossier, body: &Decision) -> Result<Checked, Problem> {
    let mut invalid = Invalid::default();
    if body.decisions.is_empty() || body.decisions.len() > MAX_LINES {
        invalid.note("/decisions", format!("must have between 1 and {MAX_LINES} of them"));
        return Err(invalid.into_result().err().unwrap_or_else(|| Problem::internal("nothing was noted")));
    }
    let wanted = find_wanted(conn, &body.decisions).await?;
    let mut checked = Checked { rulings: Vec::new(), named: Vec::new(), reason: None };
    checked.reason = reason(&mut invalid, "/reason", body.reason.as_deref());
    for (index, said) in body.decisions.iter().enumerate() {
        let mut field = Field { invalid: &mut invalid, path: format!("/decisions/{index}") };
        let Some(line) = dossier.find_line(LineId(said.line_id)) else {
            field.note("line_id", "no line of this requisition has this id");
            continue;
        };
        let granted = match said.decision {
            Word::Reject => {
                field.nothing_granted(said);
                None
            }
            Word::Approve => Some(field.granted(said, line, &wanted)),
        };
        let reason = reason(field.invalid, &format!("{}/reason", field.path), said.reason.as_deref());
        checked.rulings.push(Ruling { line_id: line.id, granted, reason });
        checked
            .named
            .extend(said.equipment_ids.as_ref().map(|ids| (line.id, ids.iter().copied().map(EquipmentId).collect())));
    }
    invalid.into_result()?;
    Ok(checked)
}

async fn find_wanted(conn: &mut PgConnection, said: &[LineDecision]) -> Result<Vec<Wanted>, Problem> {
    let models: Vec<_> = said.iter().filter_map(|said| said.model_id).map(ModelId).collect();
    let units: Vec<_> = said.iter().flat_map(|said| said.equipment_ids.iter().flatten().copied()).collect();
    let units: Vec<_> = units.into_iter().map(EquipmentId).collect();
    Ok(catalogue_reads::list_wanted(conn, &models, &units).await?)
}

fn reason(invalid: &mut Invalid, field: &str, text: Option<&str>) -> Option<String> {
    let reason = text.map(|text| invalid.check(field, REASON.parse(text)));
    reason.flatten().filter(|reason| !reason.is_empty())
}

/// Where in the body something is wrong.
struct Field<'a> {
    invalid: &'a mut Invalid,
    path: String,
}

impl Field<'_> {
    fn note(&mut self, name: &str, detail: impl Into<String>) {
        self.invalid.note(format!("{}/{name}", self.path), detail);
    }

    fn nothing_granted(&mut self, said: &LineDecision) {
        let given = [
            ("quantity", said.quantity.is_some()),
            ("model_id", said.model_id.is_some()),
            ("equipment_ids", said.equipment_ids.is_some()),
        ];
        for (name, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
            self.note(name, "leave it out: nothing is granted by a rejection");
        }
    }

    fn granted(&mut self, said: &LineDecision, line: &Line, wanted: &[Wanted]) -> Granted {
        let model_id = said.model_id.map_or(line.model_id, ModelId);
        let is_known = |wanted: &Wanted| wanted.equipment_id.is_none() && wanted.model_id == model_id;
        if said.model_id.is_some() && !wanted.iter().any(is_known) {
            self.note("model_id", "no model that can be lent has this id");
        }
        if let Some(units) = &said.equipment_ids {
            self.check_units(units, model_id, wanted);
        }
        let named = said.equipment_ids.as_ref().map(Vec::len);
        let asked = i64::from(line.quantity);
        let count =
            said.quantity.unwrap_or_else(|| named.map_or(asked, |units| i64::try_from(units).unwrap_or(i64::MAX)));
        if !(1..=asked).contains(&count) {
            self.note("quantity", format!("line {} asks for {asked}; grant between 1 and {asked}", line.position));
        }
        if named.is_some_and(|units| i64::try_from(units) != Ok(count)) {
            self.note("equipment_ids", "must name as many units as are granted");
        }
        let is_the_named_unit = line.equipment_id.is_some() && model_id == line.model_id;
        let quantity = i32::try_from(count).unwrap_or(line.quantity);
        Granted { model_id, quantity, units_are_named: named.is_some() || is_the_named_unit }
    }

    fn check_units(&mut self, units: &[Uuid], model: ModelId, wanted: &[Wanted]) {
        for (index, unit) in units.iter().copied().enumerate() {
            let is_of_model =
                |wanted: &Wanted| wanted.equipment_id == Some(EquipmentId(unit)) && wanted.model_id == model;
            if units[..index].contains(&unit) {
                self.note(&format!("equipment_ids/{index}"), "is named twice");
            } else if !wanted.iter().any(is_of_model) {
                self.note(
                    &format!("equipment_ids/{index}"),
                    "no unit of the granted model that can be lent has this id",
                );
            }
        }
    }
}
