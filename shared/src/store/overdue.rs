//! What somebody has that they should have brought back.

use super::{StoreError, lab_settings};
use crate::domain::{id::UserId, person::PersonName, project::UnitOut, requisition::OverdueStanding};
use sqlx::PgConnection;

pub async fn find_standing(conn: &mut PgConnection, borrower: UserId) -> Result<OverdueStanding, StoreError> {
    let rows = sqlx::query!(
        "select l.id, e.tag, m.name as model_name, u.name as borrower, l.due_at
         from loans l
         join equipment e on e.id = l.equipment_id
         join equipment_models m on m.id = e.model_id
         join users u on u.id = l.borrower_id
         where l.borrower_id = $1 and is_with_borrower(l.status, l.replaced_at) and l.due_at < lab_now()
             and l.return_wished_by is null
             and not exists (
                 select from operations o
                 where o.loan_id = l.id and o.kind = 'check_in' and o.state in ('waiting', 'sent', 'unknown', 'with_person'))
         order by l.due_at, l.id",
        borrower.0
    );
    let units = rows.fetch_all(&mut *conn).await?.into_iter().map(|row| UnitOut {
        loan_id: row.id.into(),
        tag: row.tag,
        model_name: row.model_name,
        borrower_id: borrower,
        borrower: PersonName::from_stored(row.borrower),
        due_at: row.due_at,
    });
    let units: Vec<_> = units.collect();
    let excused = sqlx::query_scalar!("select overdue_excused_until from users where id = $1", borrower.0);
    let excused_until = excused.fetch_optional(&mut *conn).await?.flatten();
    let block_after_days = lab_settings::load(conn).await?.numbers.block_overdue_after_days;
    Ok(OverdueStanding { units, block_after_days, excused_until })
}
