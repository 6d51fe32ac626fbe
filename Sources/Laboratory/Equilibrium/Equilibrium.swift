// The claim that equilibrium propagation, predictive coding and their kin are one estimator.
import Tensors

/// Orders of the bias, ways to backpropagation, and digits learned by settling.
public struct EquilibriumExperiment: Experiment {
    public let name = "equilibrium"
    public let claim =
        "Nudged energies estimate the gradient at the free equilibrium, one-sided to O(λ), "
        + "symmetric to O(λ²), with N points to O(λ^N), well enough to learn digits."
    public let source =
        "arXiv:2206.02629; symmetric form arXiv:2006.03824; N points arXiv:2209.00530"
    /// Complex numbers of Double for the orders, Float for the digits.
    public let precisions: [NumberPrecision] = []

    /// Digits to learn from and to measure with.
    public typealias Pictures =
        @Sendable (ExperimentSetting) throws -> (
            training: LabelledPictures, test: LabelledPictures
        )
    private let pictures: Pictures
    private let expectedAccuracy: Double

    /// The experiment.
    ///
    /// - Parameter expectedAccuracy: What a network is to reach on the test pictures.
    /// - Parameter pictures: Digits to learn from.
    public init(expectedAccuracy: Double = 0.97, pictures: @escaping Pictures) {
        self.expectedAccuracy = expectedAccuracy
        self.pictures = pictures
    }

    public func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        var result = ExperimentResult()
        try EquilibriumOrders(setting).report(to: &result)
        try EquilibriumLimits(setting).report(to: &result)
        result.notes = [
            "Orders and limits: Hopfield network 6-4-4-4, weights N(0, 0.5²), \(setting.seeds) "
                + "starts, Double, settled to the last digit; those that do not settle are left out.",
            "Beyond the radius within which the equilibrium is analytic in λ, more points do not "
                + "help.",
        ]
        try EquilibriumDigits().report(
            pictures(setting), expected: expectedAccuracy, setting, to: &result)
        return result
    }
}
