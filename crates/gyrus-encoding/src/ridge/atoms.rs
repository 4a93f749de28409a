//! Sums over the smallest sets of rows that every inner fold takes or leaves as a whole: folds are sums of them.

use faer::Mat;

use super::blocks::{self, Stretches};
use super::solver::mirror;
use super::standardise::{Prepared, Scaler};
use super::sums::Observed;
use crate::EncodingError;
use crate::backend::{Backend, lower_gram, product};
use crate::split::sealed::Indices;
use crate::split::{InnerSplit, Rows, Train};

/// Columns of all bands, standardised by the outer training rows, then the aligned ones of bands that centre words,
/// then a constant: whatever an inner fold centres and scales by is linear in these.
pub(super) struct Atoms {
    rows: Stretches,
    atoms: Vec<Atom>,
}

struct Atom {
    rows: Vec<usize>,
    /// Per inner fold: trains (true) or validates (false) or neither.
    side: Vec<Option<bool>>,
    /// Shape (n_rows, n_columns).
    columns: Mat<f32>,
    gram: Mat<f64>,
}

/// XᵀY of every atom for a block of targets.
pub(super) struct AtomSums {
    products: Vec<Mat<f32>>,
    /// Σ y and Σ y² per atom and target.
    moments: Vec<Vec<(f64, f64)>>,
}

/// Of one inner fold and a block of targets.
pub(super) struct BlockSums {
    /// XᵀY of training rows.
    pub(super) train: Mat<f32>,
    /// XᵀY of validation rows.
    pub(super) validation: Mat<f32>,
    /// Training means.
    pub(super) means: Vec<f64>,
    /// Validation responses less the training mean.
    pub(super) observed: Vec<Observed>,
}

impl Atoms {
    pub(super) fn new(
        backend: &Backend,
        bands: &[(usize, &Prepared, &Scaler)],
        rows: &Train<Rows<'_>>,
        splits: &[InnerSplit<'_>],
    ) -> Result<Self, EncodingError> {
        let indices = rows.get().indices();
        let parts: Vec<Mat<f32>> =
            bands.iter().map(|(_, band, scaler)| scaler.train(band, rows).get().clone()).collect();
        let ones: Vec<&Mat<f32>> = bands.iter().filter_map(|(_, band, _)| band.ones()).collect();
        let groups = groups(indices, splits);
        let atoms = backend.map(groups.len(), |group| -> Result<Atom, EncodingError> {
            let (side, members) = &groups[group];
            let columns = beside(&parts, &ones, (indices, members));
            let double = Mat::from_fn(columns.ncols(), columns.nrows(), |column, row| {
                f64::from(columns[(row, column)])
            });
            let mut gram = lower_gram(double.as_ref());
            mirror(&mut gram);
            let rows = members.iter().map(|member| indices[*member]).collect();
            Ok(Atom { rows, side: side.clone(), columns, gram })
        })?;
        Ok(Self { rows: Stretches::of(indices), atoms })
    }

    /// Gram of the training rows of an inner fold.
    pub(super) fn train_gram(&self, fold: usize) -> Mat<f64> {
        self.gram(fold, true)
    }

    /// Gram of the validation rows of an inner fold.
    pub(super) fn validation_gram(&self, fold: usize) -> Mat<f64> {
        self.gram(fold, false)
    }

    fn gram(&self, fold: usize, trains: bool) -> Mat<f64> {
        let size = self.atoms.first().map_or(0, |atom| atom.gram.nrows());
        let mut sum = Mat::zeros(size, size);
        for atom in self.atoms.iter().filter(|atom| atom.side[fold] == Some(trains)) {
            sum += &atom.gram;
        }
        sum
    }

    pub(super) fn sums_of(&self, block: &Mat<f32>) -> AtomSums {
        // Responses may be far from 0: less the mean over the outer training rows, single precision is enough.
        let means = blocks::means(block, &self.rows);
        let mut found = AtomSums { products: Vec::new(), moments: Vec::new() };
        for atom in &self.atoms {
            let y = blocks::less(block, &atom.rows, &means);
            found.products.push(product(atom.columns.transpose(), y.as_ref()));
            let moments = |target: usize| {
                let of = Observed::of(y.col_as_slice(target));
                (of.sum, of.squares)
            };
            found.moments.push((0..y.ncols()).map(moments).collect());
        }
        found
    }
}

impl AtomSums {
    pub(super) fn of_fold(&self, atoms: &Atoms, fold: usize) -> BlockSums {
        let side = |trains: bool| {
            let members: Vec<usize> =
                (0..atoms.atoms.len()).filter(|atom| atoms.atoms[*atom].side[fold] == Some(trains)).collect();
            let mut sum = Mat::zeros(self.products[0].nrows(), self.products[0].ncols());
            members.iter().for_each(|atom| sum += &self.products[*atom]);
            let count: usize = members.iter().map(|atom| atoms.atoms[*atom].rows.len()).sum();
            let moments = |target: usize| {
                let of = members.iter().map(|atom| self.moments[*atom][target]);
                of.fold((0.0, 0.0), |(sum, squares), (s, q)| (sum + s, squares + q))
            };
            let moments: Vec<(f64, f64)> = (0..sum.ncols()).map(moments).collect();
            (sum, count as f64, moments)
        };
        let (train, n_train, of_train) = side(true);
        let (validation, count, of_validation) = side(false);
        let means: Vec<f64> = of_train.iter().map(|(sum, _)| sum / n_train).collect();
        let observed = means.iter().zip(of_validation);
        let observed =
            observed.map(|(mean, (sum, squares))| Observed { count, sum, squares }.less(*mean)).collect();
        BlockSums { train, validation, means, observed }
    }
}

/// Rows by what every inner fold does with them; members are positions among the outer training rows.
fn groups(rows: &[usize], splits: &[InnerSplit<'_>]) -> Vec<(Vec<Option<bool>>, Vec<usize>)> {
    let mut groups: std::collections::BTreeMap<Vec<Option<bool>>, Vec<usize>> = Default::default();
    let mut sides = vec![vec![None; splits.len()]; rows.len()];
    for (fold, split) in splits.iter().enumerate() {
        let (train, validation) = (split.train.get().indices(), split.validation.indices());
        for (position, row) in rows.iter().enumerate() {
            sides[position][fold] = match (train.binary_search(row), validation.binary_search(row)) {
                (Ok(_), _) => Some(true),
                (_, Ok(_)) => Some(false),
                _ => None,
            };
        }
    }
    for (position, side) in sides.into_iter().enumerate() {
        groups.entry(side).or_default().push(position);
    }
    groups.into_iter().collect()
}

fn beside(parts: &[Mat<f32>], ones: &[&Mat<f32>], (rows, members): (&[usize], &[usize])) -> Mat<f32> {
    let columns: usize = parts.iter().chain(ones.iter().copied()).map(Mat::ncols).sum();
    let mut out = Mat::zeros(members.len(), columns + 1);
    let mut start = 0;
    for part in parts {
        for column in 0..part.ncols() {
            let from = part.col_as_slice(column);
            out.col_as_slice_mut(start + column)
                .iter_mut()
                .zip(members)
                .for_each(|(out, at)| *out = from[*at]);
        }
        start += part.ncols();
    }
    for part in ones {
        for column in 0..part.ncols() {
            let from = part.col_as_slice(column);
            let out = out.col_as_slice_mut(start + column);
            out.iter_mut().zip(members).for_each(|(out, at)| *out = from[rows[*at]]);
        }
        start += part.ncols();
    }
    out.col_as_slice_mut(start).fill(1.0);
    out
}

/// z = scale ∘ x + offsetsᵀ · (ones, 1): columns of an inner fold from those of the [`Atoms`].
#[derive(Clone)]
pub(super) struct Affine {
    /// Per column.
    scale: Vec<f64>,
    /// Shape (n_ones + 1, n_columns).
    offsets: Mat<f64>,
}

impl Affine {
    /// What an inner fold's training rows say, in terms of the outer training rows.
    ///
    /// With k, μ and m the scale, mean and word mean of the inner (i) and the outer (o) rows:
    /// z = k_i (x / k_o + μ_o − μ_i − o · (m_i − m_o)).
    pub(super) fn new(bands: &[(usize, &Prepared, &Scaler)], rows: &Train<Rows<'_>>) -> Self {
        let columns: usize = bands.iter().map(|(_, band, _)| band.n_columns()).sum();
        let n_ones: usize = bands.iter().filter_map(|(_, band, _)| band.ones()).map(Mat::ncols).sum();
        let mut found = Self { scale: vec![0.0; columns], offsets: Mat::zeros(n_ones + 1, columns) };
        let (mut start, mut first_one) = (0, 0);
        for (_, band, outer) in bands {
            let inner = Scaler::fit(band, rows);
            for column in 0..band.n_columns() {
                let (of_inner, of_outer) = (inner.moments(column), outer.moments(column));
                if of_outer.scale == 0.0 {
                    continue;
                }
                found.scale[start + column] = of_inner.scale / of_outer.scale;
                found.offsets[(n_ones, start + column)] = of_inner.scale * (of_outer.mean - of_inner.mean);
                if let (Some(new), Some(old)) = (inner.word_mean(), outer.word_mean()) {
                    let (delay, unit) = (column / new.len(), column % new.len());
                    found.offsets[(first_one + delay, start + column)] =
                        of_inner.scale * (old[unit] - new[unit]);
                }
            }
            start += band.n_columns();
            first_one += band.ones().map_or(0, Mat::ncols);
        }
        found
    }

    /// Columns of each band times the root of its weight.
    pub(super) fn weighted(&self, bands: &[(usize, &Prepared, &Scaler)], weights: &[f64]) -> Self {
        let mut found = self.clone();
        let mut column = 0;
        for (index, band, _) in bands {
            let root = weights[*index].sqrt();
            for _ in 0..band.n_columns() {
                found.scale[column] *= root;
                found.offsets.col_as_slice_mut(column).iter_mut().for_each(|value| *value *= root);
                column += 1;
            }
        }
        found
    }

    /// ZᵀZ from the Gram of the atoms' columns.
    pub(super) fn gram(&self, gram: &Mat<f64>) -> Mat<f64> {
        let n = self.scale.len();
        let rest = gram.nrows() - n;
        // Scale is diagonal: only the few ones need a product.
        let cross = product(gram.submatrix(0, n, n, rest), self.offsets.as_ref());
        let corner = product(gram.submatrix(n, n, rest, rest), self.offsets.as_ref());
        let square = product(self.offsets.transpose(), corner.as_ref());
        let mut out = Mat::zeros(n, n);
        for column in 0..n {
            for row in column..n {
                out[(row, column)] = self.scale[row] * gram[(row, column)] * self.scale[column]
                    + self.scale[row] * cross[(row, column)]
                    + self.scale[column] * cross[(column, row)]
                    + square[(row, column)];
            }
        }
        mirror(&mut out);
        out
    }

    /// Σ z, shape (n_columns, 1).
    pub(super) fn sums(&self, gram: &Mat<f64>) -> Mat<f64> {
        let constant = gram.ncols() - 1;
        product(self.transposed().as_ref(), gram.subcols(constant, 1))
    }

    /// The map to z less its mean over the rows of `gram`.
    pub(super) fn centred(&self, gram: &Mat<f64>) -> Self {
        let (sums, constant) = (self.sums(gram), gram.ncols() - 1);
        let count = gram[(constant, constant)];
        let mut found = self.clone();
        let last = found.offsets.nrows() - 1;
        for column in 0..found.scale.len() {
            found.offsets[(last, column)] -= sums[(column, 0)] / count;
        }
        found
    }

    /// The map as a matrix, shape (n_columns, n_columns + n_ones + 1).
    pub(super) fn transposed(&self) -> Mat<f64> {
        let n = self.scale.len();
        Mat::from_fn(n, n + self.offsets.nrows(), |row, column| match column.checked_sub(n) {
            Some(one) => self.offsets[(one, row)],
            None if row == column => self.scale[row],
            None => 0.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use gyrus_core::{Fold, Timeline};

    use super::*;
    use crate::backend::double;
    use crate::ridge::{Design, Scaling};
    use crate::split::Split;

    fn values(rows: usize, columns: usize, seed: usize) -> Mat<f32> {
        Mat::from_fn(rows, columns, |row, column| {
            ((row * 7 + column * 11 + (row + seed) * row * (column + 1)) % 31) as f32 / 8.0 + column as f32
        })
    }

    fn near(found: &Mat<f64>, expected: &Mat<f64>, what: &str) {
        assert_eq!((found.nrows(), found.ncols()), (expected.nrows(), expected.ncols()), "{what}");
        for column in 0..found.ncols() {
            for row in 0..found.nrows() {
                let (found, expected) = (found[(row, column)], expected[(row, column)]);
                assert!((found - expected).abs() < 1e-3, "{what}, {row} {column}: {found} {expected}");
            }
        }
    }

    /// Some columns beside others, each times its factor, less their means where asked.
    fn beside(parts: &[(Mat<f32>, f64)], is_centred: bool) -> Mat<f64> {
        let mut columns: Vec<Vec<f64>> = Vec::new();
        for (part, factor) in parts {
            for column in 0..part.ncols() {
                let values = part.col_as_slice(column).iter().map(|value| f64::from(*value) * factor);
                let values: Vec<f64> = values.collect();
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                let by = if is_centred { mean } else { 0.0 };
                columns.push(values.into_iter().map(|value| value - by).collect());
            }
        }
        Mat::from_fn(columns[0].len(), columns.len(), |row, column| columns[column][row])
    }

    fn alike(found: &Observed, expected: &Observed) {
        assert_eq!(found.count, expected.count);
        assert!((found.sum - expected.sum).abs() < 1e-3);
        assert!((found.squares - expected.squares).abs() < 1e-2);
    }

    /// Everything that an inner fold says, from sums over sets of rows: against rows standardised for that fold alone.
    #[test]
    fn sums_over_sets_of_rows_are_those_of_every_inner_fold() {
        let backend = crate::backend::on_one_thread();
        let timeline = Timeline::new([(40, "a".to_owned())]);
        let design = Design { bands: Vec::new(), timeline, drift: Vec::new(), scaling: Scaling::ZScore };
        let words = Mat::from_fn(40, 2, |row, delay| ((row + delay) % 3) as f32);
        let plain = Prepared::of(values(40, 3, 1), None, (None, &design));
        let centred = Prepared::of(values(40, 4, 2), Some(words), (None, &design));
        let outer = Fold { train: (2..40).collect(), test: vec![0] };
        let split = Split::of(&outer).unwrap();
        let inner = [
            Fold { train: (2..25).collect(), test: (27..40).collect() },
            Fold { train: (15..40).collect(), test: (2..13).collect() },
        ];
        let splits = split.train.divide(&inner).unwrap();
        let fitted = [&plain, &centred].map(|band| Scaler::fit(band, &split.train));
        let bands = [(0, &plain, &fitted[0]), (1, &centred, &fitted[1])];
        let atoms = Atoms::new(&backend, &bands, &split.train, &splits).unwrap();
        let block = Mat::from_fn(40, 2, |row, target| 50.0 + ((row * row + 3 * target) % 17) as f32);
        let sums = atoms.sums_of(&block);
        let weights = [0.25, 2.25];
        for (fold, split) in splits.iter().enumerate() {
            let scalers = [&plain, &centred].map(|band| (band, Scaler::fit(band, &split.train)));
            let train = scalers.each_ref().map(|(band, of)| of.train(band, &split.train).get().clone());
            let held = scalers.each_ref().map(|(band, of)| of.held_out(band, &split.validation));
            let rooted =
                |[one, other]: [Mat<f32>; 2], is_centred| beside(&[(one, 0.5), (other, 1.5)], is_centred);
            let (z, of_held) = (rooted(train, false), rooted(held.clone(), false));
            let affine = Affine::new(&bands, &split.train).weighted(&bands, &weights);
            let (of_train, of_validation) = (atoms.train_gram(fold), atoms.validation_gram(fold));
            near(&affine.gram(&of_train), &product(z.transpose(), z.as_ref()), "training Gram");
            let gram = product(of_held.transpose(), of_held.as_ref());
            near(&affine.gram(&of_validation), &gram, "held-out Gram");
            let total = Mat::from_fn(7, 1, |column, _| of_held.col_as_slice(column).iter().sum::<f64>());
            near(&affine.sums(&of_validation), &total, "sums");
            let less = rooted(held, true);
            let gram = affine.centred(&of_validation).gram(&of_validation);
            near(&gram, &product(less.transpose(), less.as_ref()), "centred Gram");
            let (rows, kept) = (&inner[fold].train, &inner[fold].test);
            let found = sums.of_fold(&atoms, fold);
            let of_outer = blocks::means(&block, &Stretches::of(&outer.train));
            let mean = |target: usize| {
                rows.iter().map(|row| f64::from(block[(*row, target)])).sum::<f64>() / rows.len() as f64
            };
            let y = double(&blocks::less(&block, rows, &of_outer));
            let map = affine.transposed();
            let products = product(z.transpose(), y.as_ref());
            near(&product(map.as_ref(), double(&found.train).as_ref()), &products, "training products");
            let y = double(&blocks::less(&block, kept, &of_outer));
            let products = product(of_held.transpose(), y.as_ref());
            near(&product(map.as_ref(), double(&found.validation).as_ref()), &products, "held-out products");
            for target in 0..2 {
                assert!((found.means[target] - (mean(target) - of_outer[target])).abs() < 1e-4);
                let values: Vec<f32> =
                    kept.iter().map(|row| (f64::from(block[(*row, target)]) - mean(target)) as f32).collect();
                alike(&found.observed[target], &Observed::of(&values));
            }
        }
    }
}
