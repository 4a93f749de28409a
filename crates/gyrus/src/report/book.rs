//! The tables as the report reads them: whatever it prints comes from a named cell.

use std::collections::{BTreeMap, HashMap};

use super::number::{Format, Number, Origin};
use super::prose::Quoted;
use crate::results::Results;
use crate::tables::{self, SCHEMA, TableSchema};

/// All tables of a study.
pub(crate) struct Book {
    tables: BTreeMap<&'static str, Table>,
}

struct Table {
    schema: &'static TableSchema,
    rows: Vec<Vec<String>>,
    by_key: HashMap<String, usize>,
}

/// A row, or the place where there is none.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    table: Option<&'a Table>,
    index: usize,
}

/// A mean with both intervals.
#[derive(Debug, Clone)]
pub(crate) struct Printed {
    pub(crate) value: Number,
    /// Lower and upper end over participants.
    pub(crate) people: [Number; 2],
    /// Lower and upper end over blocks of the stimulus.
    pub(crate) story: [Number; 2],
}

impl Book {
    pub(crate) fn of(results: &Results) -> Self {
        let table = |schema: &'static TableSchema| {
            let rows = tables::cells(schema.file, results).unwrap_or_default();
            let mut by_key = HashMap::new();
            for (index, row) in rows.iter().enumerate() {
                by_key.entry(key(&row[..schema.keys])).or_insert(index);
            }
            (schema.file, Table { schema, rows, by_key })
        };
        Self { tables: SCHEMA.iter().map(table).collect() }
    }

    /// The row of these key cells.
    pub(crate) fn row(&self, file: &str, cells: &[&str]) -> Row<'_> {
        let table = self.tables.get(file);
        match table.and_then(|table| table.by_key.get(&key(cells))) {
            Some(index) => Row { table, index: *index },
            None => Row { table: None, index: 0 },
        }
    }

    /// Every row of a table.
    pub(crate) fn rows(&self, file: &str) -> impl Iterator<Item = Row<'_>> {
        let table = self.tables.get(file);
        (0..table.map_or(0, |table| table.rows.len())).map(move |index| Row { table, index })
    }

    /// The key columns of a table and their cells, row by row.
    pub(crate) fn keys(&self, file: &str) -> (Vec<&'static str>, Vec<&[String]>) {
        let Some(table) = self.tables.get(file) else { return Default::default() };
        let columns = table.schema.columns[..table.schema.keys].iter().map(|column| column.name).collect();
        (columns, table.rows.iter().map(|row| &row[..table.schema.keys]).collect())
    }

    /// A number of methods.tsv.
    pub(crate) fn used(&self, item: &str, format: Format) -> Number {
        self.row("methods.tsv", &[item]).number("value", format)
    }
}

impl Row<'_> {
    /// The words of a cell, or nothing.
    pub(crate) fn cell(&self, column: &str) -> &str {
        self.found(column).map_or("", |(place, table)| &table.rows[self.index][place])
    }

    pub(crate) fn number(&self, column: &str, format: Format) -> Number {
        let value = self.cell(column).parse().unwrap_or(f64::NAN);
        Number { value, format, origin: self.origin(column) }
    }

    pub(crate) fn quoted(&self, column: &str) -> Quoted {
        Quoted { words: self.cell(column).to_owned(), origin: self.origin(column) }
    }

    /// The columns `name`, `name_low`, `name_high`, `name_story_low`, `name_story_high` as correlations.
    pub(crate) fn estimate(&self, name: &str) -> Printed {
        let end = |suffix: &str| self.number(&format!("{name}_{suffix}"), Format::Correlation);
        Printed {
            value: self.number(name, Format::Correlation),
            people: [end("low"), end("high")],
            story: [end("story_low"), end("story_high")],
        }
    }

    fn found(&self, column: &str) -> Option<(usize, &Table)> {
        let table = self.table?;
        let place = table.schema.columns.iter().position(|found| found.name == column)?;
        Some((place, table))
    }

    fn origin(&self, column: &str) -> Option<Origin> {
        let (place, table) = self.found(column)?;
        let schema = table.schema;
        Some(Origin { file: schema.file, line: self.index + 2, column: schema.columns[place].name })
    }
}

fn key<S: AsRef<str>>(cells: &[S]) -> String {
    cells.iter().map(AsRef::as_ref).collect::<Vec<_>>().join("\t")
}
