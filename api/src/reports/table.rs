//! A report as one table: a row for each number, so that a spreadsheet filters and pivots it without knowing it.

use chrono::{DateTime, SecondsFormat, Utc};
use makerlab_shared::domain::report::{LineOutcome, ModelName, Outcome, Report, Use, Waiting, days};

/// What of the report, which thing, its name, its category, what was measured, and the number.
type Row = [String; 6];

const HEADER: [&str; 6] = ["section", "item_id", "item", "category", "measure", "value"];

/// The header, then everything that the report tells.
pub(super) fn rows(report: &Report) -> Vec<Row> {
    let mut table = Table(vec![HEADER.map(str::to_owned)]);
    table.head(report);
    table.requisitions(report);
    table.waiting("submitted_to_decided", report.until_decided);
    table.waiting("decided_to_out", report.until_out);
    table.number("out_now", "units", report.out_now.units);
    table.number("out_now", "overdue", report.out_now.overdue);
    table.number("out_now", "value_cents", report.out_now.value.get());
    table.number("out_now", "units_without_cost", report.out_now.without_cost);
    table.loans(report);
    table.number("returns", "on_time", report.returns.on_time);
    table.number("returns", "late", report.returns.late);
    table.number("returns", "lost", report.returns.lost);
    table.number("returns", "damaged", report.returns.damaged);
    table.demand(report);
    table.0
}

struct Table(Vec<Row>);

/// What a row is about.
#[derive(Default)]
struct Item<'a> {
    id: String,
    name: &'a str,
    category: &'a str,
}

impl Table {
    fn head(&mut self, report: &Report) {
        let moment = |moment: DateTime<Utc>| moment.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        self.add("report", Item::default(), "from", moment(report.period.from));
        self.add("report", Item::default(), "to", moment(report.period.to));
        self.add("report", Item::default(), "as_of", moment(report.as_of));
        let project = report.project.map(|id| id.to_string()).unwrap_or_default();
        self.add("report", Item::default(), "project_id", project);
    }

    fn requisitions(&mut self, report: &Report) {
        for outcome in Outcome::ALL {
            let number = report.outcomes.get(outcome).copied().unwrap_or(0);
            self.add("outcomes", Item::named(outcome.as_str()), "requisitions", number.to_string());
        }
        for outcome in LineOutcome::ALL {
            let number = report.line_outcomes.get(outcome).copied().unwrap_or(0);
            self.add("line_outcomes", Item::named(outcome.as_str()), "lines", number.to_string());
        }
        for rejection in &report.rejections {
            let reason = rejection.reason.as_deref().unwrap_or_default();
            self.add("rejections", Item::named(reason), "requisitions", rejection.requisitions.to_string());
        }
    }

    fn waiting(&mut self, which: &'static str, waiting: Waiting) {
        let seconds = |seconds: Option<i64>| seconds.map(|seconds| seconds.to_string()).unwrap_or_default();
        self.add("waiting", Item::named(which), "count", waiting.count.to_string());
        self.add("waiting", Item::named(which), "median_seconds", seconds(waiting.median_seconds));
        self.add("waiting", Item::named(which), "p90_seconds", seconds(waiting.p90_seconds));
    }

    fn loans(&mut self, report: &Report) {
        self.used("loans", Item::default, report.total_use());
        for (category, of) in report.use_by_category() {
            let item = || Item { category: category.unwrap_or_default(), ..Item::default() };
            self.used("loans_by_category", item, of);
        }
        for of in &report.use_by_model {
            self.used("loans_by_model", || Item::model(&of.model), Use { loans: of.loans, seconds: of.seconds });
        }
    }

    fn used<'a>(&mut self, section: &str, item: impl Fn() -> Item<'a>, of: Use) {
        self.add(section, item(), "loans", of.loans.to_string());
        self.add(section, item(), "loan_seconds", of.seconds.to_string());
        self.add(section, item(), "loan_days", format!("{:.3}", days(of.seconds)));
    }

    fn demand(&mut self, report: &Report) {
        for demand in &report.demand {
            for (measure, number) in [
                ("requisitions", demand.requisitions),
                ("units_wanted", demand.wanted),
                ("units_rejected", demand.rejected),
                ("units_reduced", demand.reduced),
                ("units_not_free", demand.not_free),
                ("units_missing", demand.missing),
            ] {
                self.add("demand", Item::model(&demand.model), measure, number.to_string());
            }
        }
    }

    fn number(&mut self, section: &str, measure: &str, number: i64) {
        self.add(section, Item::default(), measure, number.to_string());
    }

    fn add(&mut self, section: &str, item: Item<'_>, measure: &str, value: String) {
        let Item { id, name, category } = item;
        self.0.push([section.to_owned(), id, name.to_owned(), category.to_owned(), measure.to_owned(), value]);
    }
}

impl<'a> Item<'a> {
    fn named(name: &'a str) -> Self {
        Self { name, ..Self::default() }
    }

    fn model(model: &'a ModelName) -> Self {
        Self { id: model.id.to_string(), name: &model.name, category: model.category.as_deref().unwrap_or_default() }
    }
}
