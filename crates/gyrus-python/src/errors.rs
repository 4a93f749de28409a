//! Errors as exceptions with the text that the command prints.

use pyo3::exceptions::{PyException, PyKeyboardInterrupt, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};

use gyrus_core::CoreError;
use gyrus_encoding::EncodingError;

/// Why work ended early.
#[derive(Debug)]
pub enum Failure {
    /// The input needs attention.
    Input(String),
    /// A failure of gyrus.
    Internal(String),
    /// The user asked to stop.
    Interrupted,
}

impl From<EncodingError> for Failure {
    fn from(error: EncodingError) -> Self {
        match error {
            EncodingError::Interrupted => Self::Interrupted,
            error => Self::Input(error.to_string()),
        }
    }
}

impl From<CoreError> for Failure {
    fn from(error: CoreError) -> Self {
        Self::Input(error.to_string())
    }
}

impl From<gyrus::Error> for Failure {
    fn from(error: gyrus::Error) -> Self {
        match error {
            gyrus::Error::Interrupted | gyrus::Error::Encoding(EncodingError::Interrupted) => {
                Self::Interrupted
            }
            gyrus::Error::At { source, .. } if is_interrupt(&source) => Self::Interrupted,
            error if error.is_users() => Self::Input(error.to_string()),
            error => Self::Internal(error.to_string()),
        }
    }
}

fn is_interrupt(error: &gyrus::Error) -> bool {
    match error {
        gyrus::Error::Interrupted | gyrus::Error::Encoding(EncodingError::Interrupted) => true,
        gyrus::Error::At { source, .. } => is_interrupt(source),
        _ => false,
    }
}

impl Failure {
    /// The exception that Python sees.
    pub fn raised(self, py: Python<'_>) -> PyErr {
        let made = |class: PyResult<Bound<'_, PyType>>, text: String| match class {
            Ok(class) => PyErr::from_type(class, text),
            Err(error) => error,
        };
        match self {
            Self::Interrupted => PyKeyboardInterrupt::new_err("interrupted: nothing was kept"),
            Self::Input(text) => made(class(py, &INPUT, "InputError"), text),
            Self::Internal(text) => {
                made(class(py, &INTERNAL, "InternalError"), format!("gyrus failed: {text}; please report it"))
            }
        }
    }
}

static BASE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static INPUT: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static INTERNAL: PyOnceLock<Py<PyType>> = PyOnceLock::new();

/// Puts the exceptions into the module.
///
/// # Errors
/// - those of Python.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("GyrusError", base(py)?)?;
    module.add("InputError", class(py, &INPUT, "InputError")?)?;
    module.add("InternalError", class(py, &INTERNAL, "InternalError")?)
}

fn base(py: Python<'_>) -> PyResult<Bound<'_, PyType>> {
    let make = || {
        let parents = PyTuple::new(py, [py.get_type::<PyException>()])?;
        new_class(py, "GyrusError", parents, "What gyrus raises.")
    };
    Ok(BASE.get_or_try_init(py, make)?.bind(py).clone())
}

fn class<'py>(py: Python<'py>, cell: &PyOnceLock<Py<PyType>>, name: &str) -> PyResult<Bound<'py, PyType>> {
    let make = || {
        let base = base(py)?;
        let (also, about) = match name {
            "InputError" => (
                py.get_type::<PyValueError>(),
                "The input needs attention: the text says what was found, what was expected and what to do.",
            ),
            _ => (py.get_type::<PyRuntimeError>(), "A failure of gyrus."),
        };
        new_class(py, name, PyTuple::new(py, [base, also])?, about)
    };
    Ok(cell.get_or_try_init(py, make)?.bind(py).clone())
}

/// `type(name, parents, {...})`: an exception with two parents.
fn new_class(py: Python<'_>, name: &str, parents: Bound<'_, PyTuple>, about: &str) -> PyResult<Py<PyType>> {
    let members = PyDict::new(py);
    members.set_item("__module__", "gyrus")?;
    members.set_item("__doc__", about)?;
    let class = py.get_type::<PyType>().call1((name, parents, members))?;
    Ok(class.cast_into::<PyType>()?.unbind())
}
