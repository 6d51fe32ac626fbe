// The models that can be nudged by complex numbers.

/// A model whose start, relaxation, energy and loss are analytic: composed of sums, products,
/// quotients and analytic functions, without ReLU, clamps or absolute values.
///
/// Only such a model has equilibria at complex nudging, and only they let an estimator cancel its
/// bias to any order. A model says so by conforming; nothing else is asked of it, as its graphs are
/// computed over complex numbers as they are.
///
/// - SeeAlso: Laborieux and Zenke, "Holomorphic Equilibrium Propagation" (arXiv:2209.00530).
public protocol HolomorphicEnergyModel: EnergyModel {}
