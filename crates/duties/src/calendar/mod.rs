//! Events of a calendar are promises with a time. Decides; reads no calendar and sends nothing.
