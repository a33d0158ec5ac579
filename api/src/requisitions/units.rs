//! Choosing units for lines, so that no unit is promised twice, not even to two lines of one requisition.

use crate::problem::{Problem, ProblemType};
use makerlab_shared::{
    domain::{
        equipment::Unit,
        id::{EquipmentId, ModelId},
        requisition::{NewLine, Period},
    },
    store::{catalogue, catalogue_reads, shelf::Asker},
};
use sqlx::PgConnection;

/// What one line needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice {
    pub(super) model: ModelId,
    /// The unit that was named.
    pub(super) unit: Option<EquipmentId>,
    pub(super) quantity: i32,
}

impl From<&NewLine> for Choice {
    fn from(line: &NewLine) -> Self {
        Self { model: line.model_id, unit: line.equipment_id, quantity: line.quantity }
    }
}

/// The units for each choice, those first that are kept for whoever asks, in the order of the choices; named units are kept from the lines that name none.
pub(super) async fn choose(
    conn: &mut PgConnection,
    asker: Asker,
    period: Period,
    choices: &[Choice],
) -> Result<Vec<Vec<Unit>>, Problem> {
    // Choosers wait for each other model by model: everybody takes models in the same order, so nobody waits in a circle.
    let mut order: Vec<usize> = (0..choices.len()).collect();
    order.sort_by_key(|&index| (choices[index].model, choices[index].unit.is_none()));
    let mut taken: Vec<EquipmentId> = Vec::new();
    let mut chosen = vec![Vec::new(); choices.len()];
    for index in order {
        let units = choose_for_line(conn, asker, period, choices[index], &taken).await?;
        taken.extend(units.iter().map(|unit| unit.id));
        chosen[index] = units;
    }
    Ok(chosen)
}

async fn choose_for_line(
    conn: &mut PgConnection,
    asker: Asker,
    period: Period,
    choice: Choice,
    taken: &[EquipmentId],
) -> Result<Vec<Unit>, Problem> {
    if let Some(unit) = choice.unit {
        let free = catalogue::choose_named_unit_for(conn, asker, unit, period).await?;
        let free = free.filter(|unit| !taken.contains(&unit.id));
        return match free {
            Some(unit) => Ok(vec![unit]),
            None => Err(named_unit_taken(conn, unit, choice.model, period, taken).await?),
        };
    }
    let wanted = usize::try_from(choice.quantity).unwrap_or(usize::MAX);
    let units = catalogue::choose_units_for(conn, asker, choice.model, period, wanted, taken).await?;
    if units.len() == wanted {
        return Ok(units);
    }
    Err(too_few(conn, choice, units.len()).await?)
}

async fn named_unit_taken(
    conn: &mut PgConnection,
    unit: EquipmentId,
    model: ModelId,
    period: Period,
    taken: &[EquipmentId],
) -> Result<Problem, Problem> {
    let free = catalogue::choose_units(conn, model, period, usize::MAX, taken).await?.len();
    let units = catalogue_reads::list_units(conn, model).await?;
    let tag = units.into_iter().find(|listed| listed.id == unit).map_or_else(|| unit.to_string(), |listed| listed.tag);
    let name = name_of(conn, model).await?;
    let detail = format!("{tag} of {name} is wanted and not free in this period; {free} of {name} are");
    Ok(Problem::new(ProblemType::NoFreeUnit, detail))
}

async fn too_few(conn: &mut PgConnection, choice: Choice, free: usize) -> Result<Problem, Problem> {
    let name = name_of(conn, choice.model).await?;
    let detail = format!("{} of {name} are wanted and {free} are free in this period", choice.quantity);
    Ok(Problem::new(ProblemType::NoFreeUnit, detail))
}

async fn name_of(conn: &mut PgConnection, model: ModelId) -> Result<String, Problem> {
    let found = catalogue_reads::find_model(conn, model).await?;
    Ok(found.map_or_else(|| model.to_string(), |listed| listed.model.name))
}
