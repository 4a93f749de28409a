//! What to cite: gyrus, and the methods that this study used.

use crate::results::Results;

/// BibTeX entries.
pub(super) fn citation(results: &Results) -> String {
    let mut entries = vec![software(&results.methods.version), HOERL.to_owned()];
    if !results.baseline.bands.is_empty() {
        entries.extend([NUNEZ, DUPRE].map(ToOwned::to_owned));
    }
    if results.ceilings.iter().any(|row| row.leave_one_out_isc.is_finite()) {
        entries.push(NASTASE.to_owned());
    }
    if super::methods::is_phase(results) {
        entries.extend([THEILER, PRICHARD].map(ToOwned::to_owned));
    }
    entries.extend([PHIPSON, NICHOLS, KUNSCH].map(ToOwned::to_owned));
    entries.join("\n")
}

fn software(version: &str) -> String {
    // A version holds no braces, but results are read from a file.
    let version: String = version
        .chars()
        .filter(|character| character.is_alphanumeric() || ".-+".contains(*character))
        .collect();
    format!(
        "@software{{gyrus,\n  title = {{gyrus: which layer of a language model carries what each piece of cortex carries}},\n  version = {{{version}}},\n  url = {{{}}}\n}}\n",
        env!("CARGO_PKG_REPOSITORY")
    )
}

const HOERL: &str = "\
@article{hoerl1970ridge,
  author = {Hoerl, Arthur E. and Kennard, Robert W.},
  title = {Ridge Regression: Biased Estimation for Nonorthogonal Problems},
  journal = {Technometrics},
  volume = {12}, number = {1}, pages = {55--67}, year = {1970},
  doi = {10.1080/00401706.1970.10488634}
}
";

const NUNEZ: &str = "\
@article{nunezelizalde2019voxelwise,
  author = {Nunez-Elizalde, Anwar O. and Huth, Alexander G. and Gallant, Jack L.},
  title = {Voxelwise encoding models with non-spherical multivariate normal priors},
  journal = {NeuroImage},
  volume = {197}, pages = {482--492}, year = {2019},
  doi = {10.1016/j.neuroimage.2019.04.012}
}
";

const DUPRE: &str = "\
@article{duprelatour2022feature,
  author = {{Dupr{\\'e} la Tour}, Tom and Eickenberg, Michael and Nunez-Elizalde, Anwar O. and Gallant, Jack L.},
  title = {Feature-space selection with banded ridge regression},
  journal = {NeuroImage},
  volume = {264}, pages = {119728}, year = {2022},
  doi = {10.1016/j.neuroimage.2022.119728}
}
";

const NASTASE: &str = "\
@article{nastase2019measuring,
  author = {Nastase, Samuel A. and Gazzola, Valeria and Hasson, Uri and Keysers, Christian},
  title = {Measuring shared responses across subjects using intersubject correlation},
  journal = {Social Cognitive and Affective Neuroscience},
  volume = {14}, number = {6}, pages = {667--685}, year = {2019},
  doi = {10.1093/scan/nsz037}
}
";

const THEILER: &str = "\
@article{theiler1992testing,
  author = {Theiler, James and Eubank, Stephen and Longtin, Andr{\\'e} and Galdrikian, Bryan and Farmer, J. Doyne},
  title = {Testing for nonlinearity in time series: the method of surrogate data},
  journal = {Physica D: Nonlinear Phenomena},
  volume = {58}, number = {1--4}, pages = {77--94}, year = {1992},
  doi = {10.1016/0167-2789(92)90102-S}
}
";

const PRICHARD: &str = "\
@article{prichard1994generating,
  author = {Prichard, Dean and Theiler, James},
  title = {Generating surrogate data for time series with several simultaneously measured variables},
  journal = {Physical Review Letters},
  volume = {73}, number = {7}, pages = {951--954}, year = {1994},
  doi = {10.1103/PhysRevLett.73.951}
}
";

const PHIPSON: &str = "\
@article{phipson2010permutation,
  author = {Phipson, Belinda and Smyth, Gordon K.},
  title = {Permutation {P}-values should never be zero: calculating exact {P}-values when permutations are randomly drawn},
  journal = {Statistical Applications in Genetics and Molecular Biology},
  volume = {9}, number = {1}, pages = {39}, year = {2010},
  doi = {10.2202/1544-6115.1585}
}
";

const NICHOLS: &str = "\
@article{nichols2002nonparametric,
  author = {Nichols, Thomas E. and Holmes, Andrew P.},
  title = {Nonparametric permutation tests for functional neuroimaging: a primer with examples},
  journal = {Human Brain Mapping},
  volume = {15}, number = {1}, pages = {1--25}, year = {2002},
  doi = {10.1002/hbm.1058}
}
";

const KUNSCH: &str = "\
@article{kunsch1989jackknife,
  author = {K{\\\"u}nsch, Hans R.},
  title = {The Jackknife and the Bootstrap for General Stationary Observations},
  journal = {The Annals of Statistics},
  volume = {17}, number = {3}, pages = {1217--1241}, year = {1989},
  doi = {10.1214/aos/1176347265}
}
";
