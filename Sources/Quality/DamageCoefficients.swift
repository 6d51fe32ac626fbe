// Fitted by Scripts/fit-damage-estimator.py; not written by hand.

extension DamageEstimator {
    static let constant: Float = -0.023759
    static let blockWeights: [Float] = [
        -0.013145, -0.090555, 0.24906,
        0.029885, 0.012236, 0.0049008,
        0.022894, 0.032632, -0.06065,
    ]
    static let meanWeights: [Float] = [
        -0.045249, -0.26333, 0.70633,
        0.094711, -0.0084238, -0.029782,
        0.12767, 0.10097, -0.43013,
    ]
    static let lowWeights: [Float] = [
        -0.01808, -0.23851, 1.9588,
        0.064613, -0.054774, 0.91884,
        0.063305, 0.016559, -1.1695,
    ]
    static let highWeights: [Float] = [
        -0.036171, -0.2342, 0.27677,
        0.13015, 0.014093, 0.012242,
        0.13359, 0.10415, 0.012531,
    ]
    static let gridWeights: [Float] = [
        0.13061, 0.41862, 0.19245,
    ]
}
