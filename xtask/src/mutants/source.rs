//! A source file with all of its changes in it, each behind a switch.

use std::collections::BTreeMap;
use std::ops::Range;

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Block, Expr, ExprBinary, ExprUnary, ReturnType, Signature, Type};

use super::changes::Change;

/// The file with switches, and the numbers of the changes that have one.
pub struct Switched {
    /// Text of the file.
    pub text: String,
    /// Numbers of the changes in it.
    pub numbers: Vec<u32>,
}

/// Puts `changes` into the source of a file.
///
/// An operator `a + b` becomes a `match` on its operands whose arms choose the operator; a value that would replace a
/// whole body becomes an early `return`. Every piece stands between comments with its number, for [`enclosing`].
///
/// # Errors
/// - the file is no Rust.
pub fn switch(source: &str, changes: &[&Change]) -> Result<Switched, String> {
    let file = syn::parse_file(source).map_err(|error| error.to_string())?;
    let mut by_place: BTreeMap<(usize, usize), Vec<&Change>> = BTreeMap::new();
    for change in changes {
        by_place.entry(change.start).or_default().push(change);
    }
    let mut finder = Finder { by_place, sites: Vec::new() };
    finder.visit_file(&file);
    let mut sites = finder.sites;
    // The outer of two sites that start at the same place first.
    sites.sort_by_key(|site| (site.range.start, std::cmp::Reverse(site.range.end)));
    let numbers = sites.iter().flat_map(Site::numbers).collect();
    let text = Renderer { source, sites: &sites }.text(0..source.len(), 0);
    Ok(Switched { text, numbers })
}

/// Numbers of the changes that text at `place` belongs to: of the innermost alternative, else of the innermost site.
pub fn enclosing(text: &str, place: Range<usize>) -> Vec<u32> {
    let before = text.get(..place.start).unwrap_or_default();
    let mut open: Vec<&str> = Vec::new();
    for piece in before.split("/*<").skip(1) {
        let Some(end) = piece.find("*/") else { continue };
        match piece[..end].strip_prefix('>') {
            Some(_) => drop(open.pop()),
            None => open.push(&piece[..end]),
        }
    }
    let numbers = |piece: &str| piece.split(',').filter_map(|number| number.parse().ok()).collect();
    open.last().map(|piece| numbers(piece)).unwrap_or_default()
}

/// A place in the source with changes.
struct Site {
    range: Range<usize>,
    shape: Shape,
}

/// A change and what stands there with it.
type Alternative = (u32, String);

enum Shape {
    /// `left operator right` of values.
    Operator {
        left: Range<usize>,
        right: Range<usize>,
        operator: String,
        by_reference: bool,
        others: Vec<Alternative>,
    },
    /// `left && right`, `left || right`.
    Shortcut { left: Range<usize>, right: Range<usize>, and: bool, number: u32 },
    /// `left operator= right`.
    Assign { left: Range<usize>, right: Range<usize>, operator: String, others: Vec<Alternative> },
    /// `operator operand`.
    Unary { operand: Range<usize>, operator: String, number: u32 },
    /// What decides on an arm of a `match`; its guard, if it has one.
    Arm { guard: Option<Range<usize>>, deleted: Option<u32>, held: Vec<(u32, bool)> },
    /// The start of a body.
    Body { others: Vec<Alternative> },
}

impl Site {
    fn numbers(&self) -> Vec<u32> {
        match &self.shape {
            Shape::Operator { others, .. } | Shape::Assign { others, .. } | Shape::Body { others } => {
                others.iter().map(|(number, _)| *number).collect()
            }
            Shape::Shortcut { number, .. } | Shape::Unary { number, .. } => vec![*number],
            Shape::Arm { deleted, held, .. } => {
                deleted.iter().copied().chain(held.iter().map(|(number, _)| *number)).collect()
            }
        }
    }
}

/// Finds what changes are about.
struct Finder<'a> {
    by_place: BTreeMap<(usize, usize), Vec<&'a Change>>,
    sites: Vec<Site>,
}

impl Finder<'_> {
    /// Changes of a genre that start where `span` does.
    fn at(&self, span: Span, genre: &str) -> Vec<Alternative> {
        let start = span.start();
        let there = self.by_place.get(&(start.line, start.column + 1)).into_iter().flatten();
        let of_genre = there.filter(|change| change.genre == genre);
        of_genre.map(|change| (change.number, change.replacement.clone())).collect()
    }

    fn add(&mut self, range: Range<usize>, shape: Shape) {
        self.sites.push(Site { range, shape });
    }

    fn body(&mut self, signature: &Signature, block: &Block) {
        // An early return of another type than the body's would be a second type behind `impl`.
        let is_opaque =
            matches!(&signature.output, ReturnType::Type(_, of) if matches!(**of, Type::ImplTrait(_)));
        let Some(first) = block.stmts.first().filter(|_| !is_opaque) else { return };
        let others = self.at(first.span(), "FnValue");
        if !others.is_empty() {
            let start = block.brace_token.span.open().byte_range().end;
            self.add(start..start, Shape::Body { others });
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_expr_binary(&mut self, node: &'ast ExprBinary) {
        let others = self.at(node.op.span(), "BinaryOperator");
        let (left, right) = (node.left.span().byte_range(), node.right.span().byte_range());
        let operator = node.op.span().source_text().unwrap_or_default();
        if let [(number, _), ..] = others[..] {
            let shape = match node.op {
                BinOp::And(_) | BinOp::Or(_) if has_let(&node.left) || has_let(&node.right) => None,
                BinOp::And(_) => Some(Shape::Shortcut { left, right, and: true, number }),
                BinOp::Or(_) => Some(Shape::Shortcut { left, right, and: false, number }),
                _ if operator.ends_with('=') && !is_comparison(&node.op) => {
                    Some(Shape::Assign { left, right, operator, others })
                }
                _ => {
                    let by_reference = is_comparison(&node.op);
                    Some(Shape::Operator { left, right, operator, by_reference, others })
                }
            };
            if let Some(shape) = shape {
                self.add(node.span().byte_range(), shape);
            }
        }
        visit::visit_expr_binary(self, node);
    }

    fn visit_expr_unary(&mut self, node: &'ast ExprUnary) {
        if let [(number, _), ..] = self.at(node.op.span(), "UnaryOperator")[..] {
            let operator = node.op.span().source_text().unwrap_or_default();
            let operand = node.expr.span().byte_range();
            self.add(node.span().byte_range(), Shape::Unary { operand, operator, number });
        }
        visit::visit_expr_unary(self, node);
    }

    fn visit_arm(&mut self, node: &'ast syn::Arm) {
        // The arm that takes what others leave cannot go: with a guard it takes nothing for sure.
        let takes_all = node.guard.is_none() && matches!(node.pat, syn::Pat::Wild(_) | syn::Pat::Ident(_));
        let deleted =
            self.at(node.span(), "MatchArm").first().filter(|_| !takes_all).map(|(number, _)| *number);
        let guard = node.guard.as_ref().map(|(_, guard)| guard);
        let held: Vec<(u32, bool)> = guard.map_or_else(Vec::new, |guard| {
            let all = self.at(guard.span(), "MatchArmGuard");
            all.into_iter().map(|(number, value)| (number, value == "true")).collect()
        });
        if (deleted.is_some() || !held.is_empty()) && !guard.is_some_and(|guard| has_let(guard)) {
            let start = node.pat.span().byte_range().end;
            let guard = guard.map(|guard| guard.span().byte_range());
            let end = guard.as_ref().map_or(start, |guard| guard.end);
            self.add(start..end, Shape::Arm { guard, deleted, held });
        }
        visit::visit_arm(self, node);
    }

    fn visit_item_fn(&mut self, node: &'ast syn::ItemFn) {
        self.body(&node.sig, &node.block);
        visit::visit_item_fn(self, node);
    }

    fn visit_impl_item_fn(&mut self, node: &'ast syn::ImplItemFn) {
        self.body(&node.sig, &node.block);
        visit::visit_impl_item_fn(self, node);
    }

    fn visit_trait_item_fn(&mut self, node: &'ast syn::TraitItemFn) {
        if let Some(block) = &node.default {
            self.body(&node.sig, block);
        }
        visit::visit_trait_item_fn(self, node);
    }
}

fn is_comparison(operator: &BinOp) -> bool {
    matches!(
        operator,
        BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_)
    )
}

/// Whether an expression is a chain with a `let` in it, which is no value.
fn has_let(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

/// Writes a source again with its sites.
struct Renderer<'a> {
    source: &'a str,
    sites: &'a [Site],
}

impl Renderer<'_> {
    /// The text of `range`, with the sites from index `from` on that lie in it.
    fn text(&self, range: Range<usize>, from: usize) -> String {
        let (mut text, mut place, mut index) = (String::new(), range.start, from);
        while let Some(site) = self.sites.get(index) {
            if site.range.start >= range.end && !(site.range.is_empty() && site.range.start == range.end) {
                break;
            }
            let within = site.range.start >= place && site.range.end <= range.end;
            if within {
                text += &self.source[place..site.range.start];
                text += &self.site(site, index + 1);
                place = site.range.end;
            }
            index += 1;
        }
        text + &self.source[place..range.end]
    }

    fn site(&self, site: &Site, from: usize) -> String {
        let part = |range: &Range<usize>| self.text(range.clone(), from);
        let piece = match &site.shape {
            Shape::Operator { left, right, operator, by_reference, others } => {
                let (lend, value) = if *by_reference { ("&", "*") } else { ("", "") };
                let by = |operator: &str| format!("{value}__l {operator} {value}__r");
                let chosen = choose(others, |operator| by(operator), &by(operator));
                let (left, right) = (part(left), part(right));
                format!("(match ({lend}({left}), {lend}({right})) {{ (__l, __r) => {chosen} }})")
            }
            Shape::Shortcut { left, right, and, number } => {
                let compared = if *and { "!=" } else { "==" };
                let (left, right) = (part(left), part(right));
                format!(
                    "(match ({left}) {{ __l => if __l {compared} {} {{ {right} }} else {{ __l }} }})",
                    on(*number)
                )
            }
            Shape::Assign { left, right, operator, others } => {
                let by = |operator: &str| format!("*__l {operator} __r");
                let chosen = choose(others, |operator| by(operator), &by(operator));
                format!(
                    "(match ({}) {{ __r => {{ let __l = &mut ({}); {chosen} }} }})",
                    part(right),
                    part(left)
                )
            }
            Shape::Unary { operand, operator, number } => {
                let others = [(*number, String::new())];
                let chosen = choose(&others, |operator| format!("{operator}__l"), &format!("{operator}__l"));
                format!("(match ({}) {{ __l => {chosen} }})", part(operand))
            }
            Shape::Arm { guard, deleted, held } => {
                let off =
                    deleted.iter().chain(held.iter().filter(|(_, value)| !value).map(|(number, _)| number));
                let mut kept = off.map(|number| format!("!{}", on(*number))).collect::<Vec<_>>().join(" && ");
                if let Some(guard) = guard {
                    let always =
                        held.iter().filter(|(_, value)| *value).map(|(number, _)| on(*number) + " || ");
                    let and = if kept.is_empty() { "" } else { " && " };
                    kept += &format!("{and}({}({}))", always.collect::<String>(), part(guard));
                }
                format!(" if {kept}")
            }
            Shape::Body { others } => {
                let early = |(number, value): &Alternative| {
                    format!(" if {} {{ return {}; }}", on(*number), marked(&[*number], value))
                };
                others.iter().map(early).collect()
            }
        };
        marked(&site.numbers(), &piece)
    }
}

/// `if on(1) { first } else if on(2) { second } else { original }`.
fn choose(others: &[Alternative], with: impl Fn(&str) -> String, original: &str) -> String {
    let mut text = String::new();
    for (number, replacement) in others {
        text += &format!("if {} {{ {} }} else ", on(*number), marked(&[*number], &with(replacement)));
    }
    format!("{text}{{ {original} }}")
}

fn on(number: u32) -> String {
    format!("crate::switch::on({number})")
}

/// A piece between comments with the numbers of its changes.
fn marked(numbers: &[u32], piece: &str) -> String {
    let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
    format!("/*<{}*/{piece}/*<>*/", numbers.join(","))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// A change at the `nth` place where `at` stands in the source.
    fn change(number: u32, source: &str, (at, nth): (&str, usize), genre: &str, replacement: &str) -> Change {
        let place = source.match_indices(at).nth(nth).map_or(0, |found| found.0);
        let before = &source[..place];
        let column = before.rsplit('\n').next().map_or(0, str::len) + 1;
        let (genre, replacement) = (genre.to_owned(), replacement.to_owned());
        let start = (before.matches('\n').count() + 1, column);
        Change { number, file: PathBuf::new(), genre, replacement, start, name: String::new() }
    }

    fn switched(source: &str, changes: &[Change]) -> String {
        let found = switch(source, &changes.iter().collect::<Vec<_>>()).unwrap();
        assert_eq!(found.numbers.len(), changes.len());
        assert!(syn::parse_file(&found.text).is_ok(), "{}", found.text);
        // Without comments, so that what is compiled can be read.
        let pieces = found.text.split("/*<");
        let text = |(index, piece): (usize, &str)| match piece.split_once("*/") {
            Some((_, rest)) if index > 0 => rest.to_owned(),
            _ => piece.to_owned(),
        };
        pieces.enumerate().map(text).collect()
    }

    #[test]
    fn operators_choose_between_their_operands() {
        let source = "fn f() -> u8 { a - b * c }";
        let changes = [
            change(1, source, ("-", 1), "BinaryOperator", "+"),
            change(2, source, ("*", 0), "BinaryOperator", "/"),
        ];
        assert_eq!(
            switched(source, &changes),
            "fn f() -> u8 { (match ((a), ((match ((b), (c)) { (__l, __r) => if crate::switch::on(2) { __l / __r } else { __l * __r } }))) \
             { (__l, __r) => if crate::switch::on(1) { __l + __r } else { __l - __r } }) }"
        );
    }

    #[test]
    fn comparisons_borrow_and_shortcuts_stay_short() {
        let source = "fn f() -> bool { a < b && !c }";
        let changes = [
            change(1, source, ("<", 0), "BinaryOperator", "<="),
            change(2, source, ("&&", 0), "BinaryOperator", "||"),
            change(3, source, ("!", 0), "UnaryOperator", ""),
        ];
        assert_eq!(
            switched(source, &changes),
            "fn f() -> bool { (match ((match (&(a), &(b)) { (__l, __r) => if crate::switch::on(1) { *__l <= *__r } else { *__l < *__r } })) \
             { __l => if __l != crate::switch::on(2) { (match (c) { __l => if crate::switch::on(3) { __l } else { !__l } }) } else { __l } }) }"
        );
    }

    #[test]
    fn bodies_return_early_and_arms_step_aside() {
        let source = "fn f() -> u8 {\n    match x { 1 => 2, y if y > 3 => 4, _ => 5 }\n}";
        let changes = [
            change(1, source, ("match", 0), "FnValue", "0"),
            change(2, source, ("1 =>", 0), "MatchArm", ""),
            change(3, source, ("y > 3", 0), "MatchArmGuard", "true"),
            change(4, source, ("y > 3", 0), "MatchArmGuard", "false"),
        ];
        assert_eq!(
            switched(source, &changes),
            "fn f() -> u8 { if crate::switch::on(1) { return 0; }\n    match x { 1 if !crate::switch::on(2) => 2, \
             y if !crate::switch::on(4) && (crate::switch::on(3) || (y > 3)) => 4, _ => 5 }\n}"
        );
    }

    #[test]
    fn a_place_belongs_to_the_innermost_change() {
        let text = "a /*<1,2*/ b /*<1*/ c /*<>*/ d /*<>*/ e";
        let at = |what: &str| text.find(what).map_or(0..0, |place| place..place + 1);
        assert_eq!(
            [at("a"), at("b"), at("c"), at("d"), at("e")].map(|place| enclosing(text, place)),
            [vec![], vec![1, 2], vec![1], vec![1, 2], vec![]]
        );
    }
}
