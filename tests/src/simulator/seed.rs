//! What a fresh simulator holds: a small lab with every kind of thing in it, or a large one for the bench.

use chrono::{Duration, NaiveDate};
use makerlab_shared::domain::inventory::LabelKind;

use super::additions::{NewAsset, NewModel, NewUser};
use super::hands::Hands;
use super::inventory::{Label, Named};
use super::state::State;

/// The administrator, whose token is the simulator's: the first user of every seed.
pub const ADMIN: i64 = 1;
pub const PENDING: i64 = 1;
pub const READY: i64 = 2;
pub const ARCHIVED: i64 = 3;
pub const RESERVED: i64 = 4;
pub const OUT_FOR_REPAIR: i64 = 5;
/// Where assets live unless told otherwise.
pub const STORAGE: i64 = 2;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    size: Size,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Size {
    SmallLab,
    Of { assets: usize, models: usize },
}

impl Seed {
    /// Six models, thirty assets (one pending, one archived, one out for repair), sixteen people, two of whom share an e-mail.
    pub fn small_lab() -> Self {
        Self { size: Size::SmallLab }
    }

    /// So many assets, spread evenly over so many models, and the people of the small lab.
    pub fn sized(assets: usize, models: usize) -> Self {
        Self { size: Size::Of { assets, models: models.max(1) } }
    }

    pub(super) fn sow(&self, state: &State) {
        sow_labels(state);
        sow_locations(state);
        let hands = state.hands();
        sow_people(&hands);
        match self.size {
            Size::SmallLab => sow_small_lab(&hands),
            Size::Of { assets, models } => sow_sized(&hands, assets, models),
        }
        // Last term: nothing that a test does now may tie with it.
        state.inventory().backdate(state.clock().wall() - Duration::days(100));
    }
}

fn sow_labels(state: &State) {
    let added = state.clock().wall() - Duration::days(300);
    let labels = [
        (PENDING, "Pending", LabelKind::Pending),
        (READY, "Ready to Deploy", LabelKind::Deployable),
        (ARCHIVED, "Archived", LabelKind::Archived),
        (RESERVED, "Reserved", LabelKind::Deployable),
        (OUT_FOR_REPAIR, "Out for repair", LabelKind::Undeployable),
        (6, "Lost/Stolen", LabelKind::Archived),
    ];
    let mut inventory = state.inventory();
    for (id, name, kind) in labels {
        let color = (id == RESERVED).then(|| "#aa3399".to_owned());
        // The first three come with Snipe-IT itself, and have no date.
        let created_at = (id > ARCHIVED).then_some(added);
        inventory.labels.insert(id, Label { id, name: name.into(), kind, notes: String::new(), color, created_at });
    }
}

fn sow_locations(state: &State) {
    let names = ["Maker Lab", "Storage cabinet A", "Storage cabinet B", "Workbench 1", "Repair desk", "Office"];
    let mut inventory = state.inventory();
    for (id, name) in (1..).zip(names) {
        inventory.locations.insert(id, Named::new(id, name));
    }
}

const PEOPLE: [(&str, &str, &str); 15] = [
    ("Ana", "Silva", "ana.silva@lab.example"),
    ("Bruno", "Costa", "bruno.costa@lab.example"),
    ("Carla", "Santos", "carla.santos@lab.example"),
    ("Diogo", "Ferreira", "diogo.ferreira@lab.example"),
    ("Eva", "Martins", "eva.martins@lab.example"),
    ("Filipe", "Rocha", "filipe.rocha@lab.example"),
    ("Graça", "Lopes", "graca.lopes@lab.example"),
    ("Hugo", "Pinto", "hugo.pinto@lab.example"),
    ("Inês", "O'Neill-Gonçalves", "ines.oneill@lab.example"),
    ("João", "Conceição", "joao.conceicao@lab.example"),
    ("Marta", "Dias", "marta.dias@lab.example"),
    ("Rui", "Nunes", "rui.nunes@lab.example"),
    ("Twin", "One", "twin@lab.example"),
    ("Twin", "Two", "twin@lab.example"),
    ("Tiago", "Técnico", "tiago.tecnico@lab.example"),
];

const TECHNICIAN: [&str; 8] = [
    "assets.view",
    "assets.checkout",
    "assets.checkin",
    "assets.edit",
    "models.view",
    "users.view",
    "statuslabels.view",
    "reports.view",
];

fn sow_people(hands: &Hands) {
    let permissions = vec!["superuser".to_owned()];
    hands.create_user(NewUser { permissions, ..NewUser::named("Ada", "Admin", "ada.admin@lab.example") });
    for (index, (first, last, email)) in PEOPLE.into_iter().enumerate() {
        let employee_number = Some(format!("{}", 98765 - index));
        // User names are unique where e-mail addresses are not.
        let username = (last == "Two").then(|| "twin.two".to_owned());
        let permissions = if last == "Técnico" { TECHNICIAN.map(str::to_owned).into() } else { Vec::new() };
        hands.create_user(NewUser { employee_number, username, permissions, ..NewUser::named(first, last, email) });
    }
}

struct ModelSeed {
    name: &'static str,
    number: &'static str,
    category: (i64, &'static str),
    maker: (i64, &'static str),
    has_fieldset: bool,
    units: usize,
}

const MODELS: [ModelSeed; 6] = [
    ModelSeed {
        name: "Arduino Uno R3",
        number: "A000066",
        category: (2, "Microcontrollers"),
        maker: (1, "Arduino"),
        has_fieldset: true,
        units: 8,
    },
    ModelSeed {
        name: "Raspberry Pi 4 Model B 4GB",
        number: "RPI4-MODBP-4GB",
        category: (3, "Single-board computers"),
        maker: (2, "Raspberry Pi Ltd"),
        has_fieldset: true,
        units: 6,
    },
    ModelSeed {
        name: "ESP32-DevKitC V4",
        number: "ESP32-DEVKITC-32E",
        category: (2, "Microcontrollers"),
        maker: (6, "Espressif"),
        has_fieldset: true,
        units: 6,
    },
    ModelSeed {
        name: "Multimeter 117",
        number: "FLUKE-117",
        category: (4, "Instruments"),
        maker: (5, "Fluke"),
        has_fieldset: false,
        units: 4,
    },
    ModelSeed {
        name: "Oscilloscope DS1054Z",
        number: "DS1054Z",
        category: (4, "Instruments"),
        maker: (3, "Rigol"),
        has_fieldset: false,
        units: 4,
    },
    ModelSeed {
        name: "3D printer MK4S",
        number: "MK4S",
        category: (6, "3D Printing"),
        maker: (7, "Prusa Research"),
        has_fieldset: false,
        units: 2,
    },
];

fn sow_small_lab(hands: &Hands) {
    for seed in &MODELS {
        let model = hands.create_model(NewModel {
            name: seed.name.into(),
            number: Some(seed.number.into()),
            category: Named::new(seed.category.0, seed.category.1),
            manufacturer: Some(Named::new(seed.maker.0, seed.maker.1)),
            has_fieldset: seed.has_fieldset,
        });
        for unit in 1..=seed.units {
            let name = format!("{} #{unit}", seed.name);
            let serial = format!("SN-{model:02}-{unit:04}");
            sow_asset(hands, model, &name, &serial, label_of(seed, unit));
        }
    }
}

/// One multimeter stands for each label that keeps an asset from being lent.
fn label_of(seed: &ModelSeed, unit: usize) -> i64 {
    match (seed.name, unit) {
        ("Multimeter 117", 2) => OUT_FOR_REPAIR,
        ("Multimeter 117", 3) => ARCHIVED,
        ("Multimeter 117", 4) => PENDING,
        _ => READY,
    }
}

fn sow_sized(hands: &Hands, assets: usize, models: usize) {
    for index in 1..=models {
        hands.create_model(NewModel {
            name: format!("Model {index:04}"),
            number: Some(format!("M-{index:04}")),
            category: Named::new(1 + index as i64 % 8, &format!("Category {}", 1 + index % 8)),
            manufacturer: Some(Named::new(1, "Maker")),
            has_fieldset: true,
        });
    }
    for index in 0..assets {
        let model = 1 + (index % models) as i64;
        sow_asset(hands, model, &format!("Unit {}", index + 1), &format!("SN-{:06}", index + 1), READY);
    }
}

fn sow_asset(hands: &Hands, model: i64, name: &str, serial: &str, label: i64) {
    let id = hands.create_asset(NewAsset {
        name: Some(name.into()),
        serial: Some(serial.into()),
        label_id: Some(label),
        rtd_location_id: Some(STORAGE),
        ..NewAsset::of_model(model)
    });
    hands.set_purchase(id, NaiveDate::from_ymd_opt(2023, 4, 15).expect("a date of the calendar"));
}
