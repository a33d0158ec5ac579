//! What one run of the check allows, and which rule of the protocol or assumption about the world it goes without.

/// A rule of the protocol that the worker leaves out. `decide` stays as it is: the worker does something else around it,
/// or tells it something else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rule {
    /// Instead of looking it takes for granted that nothing happened.
    Look,
    /// It looks as soon as it can, not after `look_after`.
    LookAfter,
    /// It sends though the lease would not outlast the call.
    LeaseFence,
    /// Of a sight it believes the holder alone, never `last_checkout`.
    LastCheckoutAsWitness,
    /// It asks the log alone, never the asset.
    AssetAsWitness,
    /// A call that timed out is sent once more, as an HTTP client with retries does.
    OnePost,
    /// It ends the loan without reading who holds the asset.
    Tenure,
    /// The fingerprint is the present second.
    PastFingerprint,
    /// The fingerprint may be a second that no sweep has seen to the end.
    SweptFingerprint,
    /// After an effect of ours, the cache forgets a later check-out that it had seen.
    CacheGoesOn,
    /// A later check-out than ours is taken for an earlier one.
    LaterThanFingerprint,
    /// It settles though somebody else has taken the job since.
    Epoch,
}

impl Rule {
    pub fn words(self) -> &'static str {
        match self {
            Self::Look => "the look",
            Self::LookAfter => "waiting until look_after",
            Self::LeaseFence => "the lease fence",
            Self::LastCheckoutAsWitness => "last_checkout as witness: the holder alone",
            Self::AssetAsWitness => "the asset as witness: the log alone",
            Self::OnePost => "one POST: a retry after a timeout",
            Self::Tenure => "the tenure of a check-in",
            Self::PastFingerprint => "a past second as fingerprint: now",
            Self::SweptFingerprint => "a swept second as fingerprint: two minutes ago, whatever was seen",
            Self::CacheGoesOn => "a cache that only goes on: it goes back to our own check-out",
            Self::LaterThanFingerprint => "the rule of later check-outs",
            Self::Epoch => "the epoch",
        }
    }
}

/// An assumption about the world that does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Assumption {
    /// No request runs beyond the server's limit.
    ServerLimit,
    /// A person's check-out stores the present second.
    PresentCheckout,
    /// Nobody acts between our look and the effect of our `POST`.
    NobodyBetween,
    /// A worker is not frozen between the lease fence and the first byte of its `POST`.
    NoFreezeAfterFence,
}

impl Assumption {
    pub fn words(self) -> &'static str {
        match self {
            Self::ServerLimit => "a request runs beyond the server's limit",
            Self::PresentCheckout => "a person dates a check-out back",
            Self::NobodyBetween => "a person acts between our look and the effect of our POST",
            Self::NoFreezeAfterFence => "a worker freezes between the fence and its first byte",
        }
    }
}

/// When the second loan of the asset may be asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NextLoan {
    Never,
    /// Once the first is over.
    Afterwards,
    /// At any moment.
    Anytime,
}

/// The bounds of one run.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// Actions of people in Snipe-IT's own interface.
    pub hands: u8,
    /// Deaths of workers, each anywhere.
    pub deaths: u8,
    /// Workers that sleep so long that their job is taken by another; `None`: any number.
    pub oversleeping: Option<u8>,
    /// Reads that get no answer.
    pub failed_reads: u8,
    /// Calls that certainly never arrive.
    pub failed_connections: u8,
    /// Refusals although Snipe-IT could do it.
    pub odd_refusals: u8,
    pub is_returned: bool,
    pub next_loan: NextLoan,
    /// The line names no unit.
    pub any_unit: bool,
    /// People may check out to our borrower too.
    pub hands_lend_to_borrower: bool,
    /// A person's check-out checks and saves in two steps too.
    pub hands_use_forms: bool,
    /// The sweep reads and compares in two steps.
    pub sweep_is_slow: bool,
    /// A waiting job may be made due at once.
    pub jobs_are_hurried: bool,
    /// A worker whose job was taken by another goes on when it thaws. It can do nothing but add evidence then, which
    /// is shown where this is on; elsewhere it is left out, for it doubles everything.
    pub frozen_go_on: bool,
    /// Runs are counted, and the operation ends when they are used up.
    pub runs_are_counted: bool,
    pub without: Option<Rule>,
    pub broken: Option<Assumption>,
}

impl Setup {
    /// One check-out, nobody else, nothing but lost answers, late requests and servers that die.
    pub const CHECK_OUT: Self = Self {
        hands: 0,
        deaths: 0,
        oversleeping: None,
        failed_reads: 0,
        failed_connections: 0,
        odd_refusals: 0,
        is_returned: false,
        next_loan: NextLoan::Never,
        any_unit: false,
        hands_lend_to_borrower: false,
        hands_use_forms: false,
        sweep_is_slow: false,
        jobs_are_hurried: false,
        frozen_go_on: false,
        runs_are_counted: false,
        without: None,
        broken: None,
    };

    pub fn lacks(&self, rule: Rule) -> bool {
        self.without == Some(rule)
    }

    pub fn breaks(&self, assumption: Assumption) -> bool {
        self.broken == Some(assumption)
    }
}
