//! `short`: the answer, the cause, what was seen and the way out, without the grid.

use super::Style;
use super::answer;
use super::page::Page;
use crate::report::Report;

pub(super) fn render(report: &Report, style: &Style) -> String {
    let mut page = Page::new(style);
    answer::write(report, style, &mut page);
    page.finish()
}
