//! Undefined numbers in JSON, which has no NaN: they are null there.

/// A number that may be undefined.
pub(super) mod nan_as_null {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(in crate::results) fn serialize<S: Serializer>(
        value: &f64,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.is_finite().then_some(*value).serialize(serializer)
    }

    pub(in crate::results) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<f64, D::Error> {
        Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::NAN))
    }
}

/// The same for the last number of each row of a list.
pub(super) mod nan_in_rows {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// A row whose last number may be undefined.
    pub(in crate::results) trait Row: Sized {
        type Stored: Serialize + for<'de> Deserialize<'de>;
        fn stored(&self) -> Self::Stored;
        fn read(stored: Self::Stored) -> Self;
    }

    impl Row for (f64, f64) {
        type Stored = (f64, Option<f64>);

        fn stored(&self) -> Self::Stored {
            (self.0, self.1.is_finite().then_some(self.1))
        }

        fn read((at, value): Self::Stored) -> Self {
            (at, value.unwrap_or(f64::NAN))
        }
    }

    impl Row for (String, usize, f64) {
        type Stored = (String, usize, Option<f64>);

        fn stored(&self) -> Self::Stored {
            (self.0.clone(), self.1, self.2.is_finite().then_some(self.2))
        }

        fn read((name, layer, value): Self::Stored) -> Self {
            (name, layer, value.unwrap_or(f64::NAN))
        }
    }

    pub(in crate::results) fn serialize<R: Row, S: Serializer>(
        rows: &[R],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(rows.iter().map(Row::stored))
    }

    pub(in crate::results) fn deserialize<'de, R: Row, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<R>, D::Error> {
        Ok(Vec::<R::Stored>::deserialize(deserializer)?.into_iter().map(R::read).collect())
    }
}

/// The same for a list of numbers.
pub(super) mod nan_in_list {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::results) fn serialize<S: Serializer>(
        values: &[f64],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(|value| value.is_finite().then_some(*value)))
    }

    pub(in crate::results) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<f64>, D::Error> {
        let values = Vec::<Option<f64>>::deserialize(deserializer)?;
        Ok(values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect())
    }
}
