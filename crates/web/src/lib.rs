//! The face of Arayashiki: pages in Japanese and English, the API beside them, and the ways in. Views are plain data and
//! rendering never reads the store or asks the time; handlers do, and hand rendering everything. Nothing here calls out.

mod acts;
mod api;
pub mod auth;
pub mod csv;
mod health;
pub mod i18n;
mod live;
pub mod page;
mod pages;
pub mod people;
pub mod problem;
pub mod server;
pub mod state;
pub mod static_files;
pub mod text;
pub mod view;
pub mod when;

mod compare;
mod details;
mod markup;
mod outputs;
mod price;
mod raw;
mod standing;
mod troubles;

pub use details::DetailRow;
pub use i18n::Language;
pub use markup::Markup;
pub use outputs::Captured;
pub use price::SeatPrice;
pub use server::{health_routes, routes};
pub use state::{Bridges, Calendar, Pushing, Reads, SafetyNet, Settings, Slack, Space, Web};
pub use state::{Complaint, HostsMode, HostsOf, HostsShown, ParameterShown, RunbookShown, StepShown};
