//! What kubelets say.
use crate::case::pull::Word;
use crate::causes::CauseId;
use crate::report::Says;
use probes::foreign::Foreign;
/// x
pub const SPEAKS_OF: &[CauseId] = &[];
/// x
pub struct Context<'a> {
    /// x
    pub runtime: &'a str,
    /// x
    pub azure: bool,
    /// x
    pub secrets: bool,
}
/// x
pub enum Outcome<'a> {
    /// x
    Pulled,
    /// x
    AlreadyPresent,
    /// x
    Failed(&'a Word),
    /// x
    StillPulling,
    /// x
    NotStarted(&'a Word),
    /// x
    Nothing,
}
/// x
pub struct Said {
    /// x
    pub innermost: Foreign,
    /// x
    pub host: Option<Foreign>,
}
/// x
pub fn outcome(words: &[Word]) -> Outcome<'_> {
    words.first().map_or(Outcome::Nothing, Outcome::Failed)
}
/// x
pub fn read(m: &str) -> Said {
    Said { innermost: Foreign::new(m), host: None }
}
/// x
pub fn stances(_: &str, _: &str, _: &Context<'_>) -> Vec<Says> {
    Vec::new()
}
