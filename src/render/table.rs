//! `table`, the default: the answer first, and below it a grid of the checks by place and credential.

use super::page::Page;
use super::{Style, answer, grid};
use crate::report::Report;

pub(super) fn render(report: &Report, style: &Style) -> String {
    let mut page = Page::new(style);
    answer::write(report, style, &mut page);
    if !style.quiet {
        grid::write(report, style, grid::Times::Left, &mut page);
    }
    page.finish()
}
