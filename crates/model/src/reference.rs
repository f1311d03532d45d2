//! What PagerDuty configures and we mirror slowly: services, people, policies, schedules, who is on call. Plain data.

use crate::Micros;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Service,
    User,
    Team,
    EscalationPolicy,
    Schedule,
    /// Who is on call now, a row a level of a policy.
    OnCall,
    /// Who was on call, or will be, within a span of time.
    Shift,
    Priority,
    /// Ongoing and future ones.
    MaintenanceWindow,
}

impl Kind {
    pub const ALL: [Self; 9] = [
        Self::Service,
        Self::User,
        Self::Team,
        Self::EscalationPolicy,
        Self::Schedule,
        Self::OnCall,
        Self::Shift,
        Self::Priority,
        Self::MaintenanceWindow,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::User => "user",
            Self::Team => "team",
            Self::EscalationPolicy => "escalation_policy",
            Self::Schedule => "schedule",
            Self::OnCall => "on_call",
            Self::Shift => "shift",
            Self::Priority => "priority",
            Self::MaintenanceWindow => "maintenance_window",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One configured thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thing {
    pub kind: Kind,
    /// PagerDuty's id; for on-call rows "policy/level/user/schedule/start", which they have no id for.
    pub id: String,
    pub name: String,
    pub url: Option<String>,
    /// Of a user, in lower case.
    pub email: Option<String>,
    /// Of a user: admin, user, limited_user, observer, read_only_user, …; of a service: active, disabled, maintenance, ….
    pub status: Option<String>,
    /// The person concerned: of an on-call row or a shift.
    pub user: Option<String>,
    pub starts_at: Option<Micros>,
    pub ends_at: Option<Micros>,
    /// Of a policy its number of levels, of an on-call row its level, of a priority its rank (0 is the most severe).
    pub level: Option<i64>,
    /// Other things it names: the services of a window, the teams of a user, the schedules and users of a policy.
    pub names: Vec<String>,
}
